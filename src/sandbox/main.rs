//! `zhijie-sandbox`: see `zhijie-sandbox --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    zhijie_sandbox::cli::main()
}
