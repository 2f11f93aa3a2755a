//! The control of a security medium as a program of its own: one line of JSON in, one line out, and it ends.
//!
//! This floor owns starting, waiting for and killing that program. Controls are libraries of one province and one operating
//! system; a program around one keeps it out of the agent, and a control that hangs is killed with nothing lost. It knows
//! no message and keeps no token. Start reading at [`ProgramControl`].

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use zhijie_ports::{MediumAsk, MediumFault, MediumReading, SecurityControl};

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// A program that speaks for a control.
#[derive(Debug, Clone)]
pub struct ProgramControl {
    program: PathBuf,
    patience: Duration,
}

impl ProgramControl {
    #[must_use]
    pub const fn new(program: PathBuf, patience: Duration) -> Self {
        Self { program, patience }
    }

    fn start(&self) -> std::io::Result<Child> {
        Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }
}

impl SecurityControl for ProgramControl {
    fn read(&self, ask: &MediumAsk) -> Result<MediumReading, MediumFault> {
        let mut child = self.start().map_err(|_| MediumFault::NoControl)?;
        let told = converse(&mut child, ask, self.patience);
        // It has answered or it never will; a program that has ended already cannot be killed.
        let _ = child.kill();
        let _ = child.wait();
        let line = told?;
        if let Ok(fault) = serde_json::from_slice::<MediumFault>(&line) {
            return Err(fault);
        }
        serde_json::from_slice(&line).map_err(|_| MediumFault::Garbled)
    }
}

/// Says the question and hears what comes back until the program closes its output.
fn converse(child: &mut Child, ask: &MediumAsk, patience: Duration) -> Result<Vec<u8>, MediumFault> {
    let mut question = serde_json::to_vec(ask).map_err(|_| MediumFault::Garbled)?;
    question.push(b'\n');
    let mut input = child.stdin.take().ok_or(MediumFault::NoControl)?;
    let output = child.stdout.take().ok_or(MediumFault::NoControl)?;
    // A program that does not read its question may answer all the same.
    let _ = input.write_all(&question);
    drop(input);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        let read = output.take(ANSWER_BYTES_MAX).read_to_end(&mut answer);
        let _ = sender.send(read.map(|_| answer));
    });
    let heard = receiver.recv_timeout(patience).map_err(|_| MediumFault::Silent)?;
    heard.map_err(|_| MediumFault::Garbled)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use zhijie_twin::place_script;

    use super::*;

    fn ask() -> MediumAsk {
        MediumAsk {
            transaction: String::from("2207A"),
            institution: String::from("H31010100001"),
            care_area: String::from("310000"),
            at: String::from("2026-11-22 10:00:00"),
        }
    }

    /// What a control that is this shell script answers.
    fn answered(script: &str, patience: Duration) -> Result<MediumReading, MediumFault> {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("control");
        place_script(&program, &format!("#!/bin/sh\n{script}\n")).unwrap();
        ProgramControl::new(program, patience).read(&ask())
    }

    #[test]
    fn the_question_arrives_and_the_answer_is_read() {
        let script = r#"read line; case "$line" in *'"transaction":"2207A"'*) ;; *) exit 1;; esac
echo '{"card_number":"D1","identification":"310100","name":"n","certificate":"c","token":"t"}'"#;
        let reading = answered(script, Duration::from_secs(60)).unwrap();
        assert_eq!(reading.token.reveal(), "t");
        assert!(!format!("{reading:?}").contains("D1"));
    }

    #[test]
    fn a_control_fails_in_its_own_words_or_ours() {
        let long = Duration::from_secs(60);
        for (script, patience, fault) in [
            ("echo '{\"fault\":\"no_medium\"}'", long, MediumFault::NoMedium),
            ("echo nonsense", long, MediumFault::Garbled),
            ("exit 3", long, MediumFault::Garbled),
            ("exec sleep 600", Duration::from_millis(50), MediumFault::Silent),
        ] {
            assert_eq!(answered(script, patience).err(), Some(fault), "{script}");
        }
        let nobody = ProgramControl::new(PathBuf::from("/nonexistent/control"), long);
        assert_eq!(nobody.read(&ask()), Err(MediumFault::NoControl));
    }
}
