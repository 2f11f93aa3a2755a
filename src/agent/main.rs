//! `zhijie`: the product, daemon and command line in one.

use std::process::ExitCode;

use clap::Parser;
use zhijie_agent::cli::{Cli, plain, run};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            use std::io::Write;
            let told = format!("zhijie: {error:#}");
            let _ = writeln!(std::io::stderr(), "{}", plain(&told));
            ExitCode::FAILURE
        }
    }
}
