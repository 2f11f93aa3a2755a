//! `zhijie-pages DIR`: manual pages (one a command) and completions for bash, zsh and fish, written into `DIR` from the
//! command line the program really has. Used by the packages; never installed.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;
use zhijie_agent::cli::Cli;

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or("usage: zhijie-pages DIR")?;
    std::fs::create_dir_all(&folder)?;
    write_all(&folder)
}

fn write_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    let command = Cli::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder)?;
    for shell in Shell::value_variants() {
        if matches!(shell, Shell::Bash | Shell::Zsh | Shell::Fish) {
            clap_complete::generate_to(*shell, &mut Cli::command(), "zhijie", folder)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_the_shells_know_it() {
        let folder = std::env::temp_dir().join(format!("zhijie-pages-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        write_all(&folder).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(read(&format!("zhijie-{name}.1")).contains(".TH"), "{name}");
            for shell in ["zhijie.bash", "_zhijie", "zhijie.fish"] {
                assert!(read(shell).contains(name), "{shell} does not know {name}");
            }
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
