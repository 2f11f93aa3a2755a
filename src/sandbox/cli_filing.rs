//! `zhijie-sandbox filing`: the office's counter on the command line.

use core::str::FromStr;

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::{Value, json};
use zhijie_model::Area;

use crate::admin_client::AdminClient;
use crate::filing::FilingKind;

#[derive(Debug, Args)]
pub(crate) struct FilingArgs {
    /// Admin address of the running sandbox, as in its ready file
    #[arg(long, value_name = "URL", env = "ZHIJIE_SANDBOX_ADMIN", global = true)]
    admin: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// File a person for treatment elsewhere and print the filing's id and number
    Add {
        /// Who, e.g. harbin-unfiled
        #[arg(long, value_name = "NAME")]
        person: String,
        #[arg(long, value_enum)]
        kind: FilingKind,
        /// Where to: a pool, or a province
        #[arg(long, value_name = "CODE", default_value = "310000", value_parser = area)]
        target: Area,
        /// First day
        #[arg(long, value_name = "DATE", value_parser = civil::<Date>)]
        from: Date,
        /// Last day
        #[arg(long, value_name = "DATE", value_parser = civil::<Date>)]
        until: Date,
    },
    /// Print filings as JSON, those taken away included
    List {
        #[arg(long, value_name = "NAME")]
        person: Option<String>,
    },
    /// Take a filing away, as offices do by mistake
    Remove { id: i64 },
    /// Bring a filing back
    Restore { id: i64 },
}

impl FilingArgs {
    /// Returns what is to be printed.
    pub(crate) async fn run(self) -> anyhow::Result<Value> {
        let client = AdminClient::new(&self.admin.context("--admin URL is missing")?)?;
        match self.what {
            What::Add {
                person,
                kind,
                target,
                from,
                until,
            } => {
                let body = json!({
                    "person": person, "kind": kind, "target": target, "from": from, "until": until,
                });
                client.send("POST", "/filings", Some(&body)).await
            }
            What::List { person } => {
                let query = person.map(|key| format!("?person={key}")).unwrap_or_default();
                client.send("GET", &format!("/filings{query}"), None).await
            }
            What::Remove { id } => client.send("DELETE", &format!("/filings/{id}"), None).await,
            What::Restore { id } => client.send("POST", &format!("/filings/{id}/restore"), None).await,
        }
    }
}

/// A date or a date with time.
pub(crate) fn civil<T: FromStr<Err = jiff::Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: jiff::Error| error.to_string())
}

pub(crate) fn area(text: &str) -> Result<Area, String> {
    Area::new(text).map_err(|error| error.to_string())
}
