//! Desk programs that read cards themselves, in C and in Python, against the running agent and a card of bytes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use encoding_rs::GBK;
use zhijie_agent::faults::ALL;
use zhijie_tests::{Options, Stage};

/// The library under the name the programs know, and the C program.
struct Bench {
    library: PathBuf,
    program: PathBuf,
}

fn bench(folder: &Path) -> anyhow::Result<Bench> {
    let program = std::env::current_exe()?;
    // Built because this package depends on it; not linked, for the vendor's twin exports the same names.
    let name = concat!("lib", stringify!(zhijie_dropin), ".so");
    let built = program.parent().context("no folder")?.join(name);
    let bench = Bench {
        library: folder.join("libSSCardDriver.so"),
        program: folder.join("desk"),
    };
    std::fs::copy(&built, &bench.library).with_context(|| built.display().to_string())?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("dropin/desk.c");
    let made = Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&bench.program)
        .arg(source)
        .arg("-ldl")
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Ok(bench)
}

/// Result and text of a program's one line.
fn told(mut command: Command, socket: &Path) -> anyhow::Result<(i64, String)> {
    let ran = command
        .env("ZHIJIE_SOCKET", socket)
        .env("ZHIJIE_CARD_WAIT_S", "1")
        .output()?;
    ensure!(
        ran.status.success(),
        "{:?}: {}",
        ran.status,
        String::from_utf8_lossy(&ran.stderr)
    );
    let line = String::from_utf8(ran.stdout)?;
    let (number, hex) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
    let pairs = hex.as_bytes().chunks(2);
    let bytes: Result<Vec<u8>, _> = pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or_default(), 16))
        .collect();
    let (text, bad) = GBK.decode_without_bom_handling(&bytes?).to_owned_pair();
    ensure!(!bad, "no GBK: {hex}");
    Ok((number.parse()?, text))
}

trait OwnedPair {
    fn to_owned_pair(self) -> (String, bool);
}

impl OwnedPair for (std::borrow::Cow<'_, str>, bool) {
    fn to_owned_pair(self) -> (String, bool) {
        (self.0.into_owned(), self.1)
    }
}

impl Bench {
    fn c(&self, function: &str, socket: &Path) -> anyhow::Result<(i64, String)> {
        let mut command = Command::new(&self.program);
        command.arg(&self.library).arg(function);
        told(command, socket)
    }

    fn python(&self, socket: &Path) -> anyhow::Result<(i64, String)> {
        let mut command = Command::new("python3");
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("dropin/desk.py"))
            .arg(&self.library);
        told(command, socket)
    }
}

#[tokio::test]
async fn programs_in_c_and_python_read_the_card_through_the_agent() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        ..Options::default()
    })
    .await?;
    let bench = bench(stage.folder())?;
    let socket = stage.socket();
    let file = stage.folder().join("card.toml");
    std::fs::write(&file, "")?;
    stage.insert_card_file(&file)?;
    stage
        .health_until(|health| health["devices"]["card_present"] == true)
        .await?;
    let line = "341200|34120019680214002X|K12345677|341200D15600000500004711FFFFFFFF|王秀兰|00815300018660341200004711|2.00|20200101|20991231|000000000000||";
    assert_eq!(bench.c("iReadCardBas", &socket)?, (0, String::from(line)));
    assert_eq!(bench.python(&socket)?, (0, String::from(line)));
    assert_eq!(
        stage.admin().calls("1101", None).await?,
        0,
        "the card alone asks nobody"
    );
    stage.take_card_back().await?;
    let (number, text) = bench.c("iReadDebitRecord", &socket)?;
    assert_eq!((number, text.as_str()), (-13, "本读卡库不支持此功能"));

    let table = [
        ("kind = \"bank\"", -1, "银行卡"),
        ("damage = \"locked\"", -27265, "锁定"),
        ("damage = { missing_record = 8 }", -27267, "缺少"),
        ("damage = { garbled_record = 7 }", -15, "损坏"),
        ("generation = \"3.0\"", -2201, "安全模块"),
    ];
    for (text, number, words) in table {
        std::fs::write(&file, text)?;
        stage.insert_card_file(&file)?;
        stage
            .health_until(|health| health["devices"]["card_present"] == true)
            .await?;
        let told = bench.c("iReadCardBas", &socket)?;
        assert_eq!(told.0, number, "{text}: {}", told.1);
        assert!(told.1.contains(words), "{text}: {}", told.1);
        assert_eq!(bench.python(&socket)?, told, "{text}");
        stage.take_card_back().await?;
    }
    let (number, text) = bench.c("iReadCardBas", &socket)?;
    assert_eq!(number, -2, "{text}");
    let (number, text) = bench.c("iReadCardBas", &stage.folder().join("nobody.sock"))?;
    assert_eq!(number, -11);
    assert!(text.contains("没有运行"), "{text}");
    assert!(!stage.agent_log().contains("王秀兰"));
    Ok(())
}

/// A code the library does not know would be told as a lost reader.
#[test]
fn every_fault_of_a_card_has_its_number() {
    let known = include_str!("../../drivers/dropin/codes.rs");
    let unplaced: Vec<&str> = ALL
        .iter()
        .map(|entry| entry.code)
        .filter(|code| code.starts_with("CARD-") && !known.contains(&format!("\"{code}\"")))
        .collect();
    assert_eq!(
        unplaced,
        [
            "CARD-012", "CARD-013", "CARD-014", "CARD-015", "CARD-016", "CARD-025", "CARD-030"
        ]
    );
}
