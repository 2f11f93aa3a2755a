//! `zhijie`: the product, daemon and command line in one.

use std::process::ExitCode;

use zhijie_agent::cli::{command_line, plain, run};

fn main() -> ExitCode {
    match command_line().and_then(run) {
        Ok(code) => code,
        Err(error) => {
            use std::io::Write;
            let told = format!("zhijie: {error:#}");
            let _ = writeln!(std::io::stderr(), "{}", plain(&told));
            ExitCode::FAILURE
        }
    }
}
