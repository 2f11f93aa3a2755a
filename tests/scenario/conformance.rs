//! The battery of `zhijie conformance` against the sandbox in the dress of each profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, ensure};
use zhijie_tests::{Options, Stage, program};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

async fn dressed(profile: &'static str) -> anyhow::Result<Stage> {
    Stage::without_agent(Options {
        profile: Some(profile),
        dressed: true,
        ..Options::default()
    })
    .await
}

fn battery(stage: &Stage, case: &Path, more: &[&str]) -> anyhow::Result<Output> {
    let out = stage.folder().join("exchanges");
    let mut command = Command::new(program("zhijie")?);
    command.arg("conformance").arg("--config").arg(stage.config());
    command.arg("--case").arg(case).arg("--out").arg(out);
    Ok(command.args(more).output()?)
}

/// The table, and the counts of its last line but one: passed, failed, not supported, left out.
fn read(output: &Output) -> anyhow::Result<(String, Vec<usize>)> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains(" not supported, "));
    let line = line.with_context(|| format!("no counts: {text}{errors}"))?;
    let (_, counts) = line.split_once('：').context("no counts")?;
    let numbers = counts
        .split(", ")
        .filter_map(|part| part.split(' ').next()?.parse().ok());
    Ok((text.clone(), numbers.collect()))
}

fn sandbox_case() -> PathBuf {
    repository().join("config/conformance.sandbox.toml")
}

/// Where a library on the PC decodes e-vouchers there is no call to try, whatever code the case has.
#[tokio::test]
async fn the_battery_decodes_nothing_where_a_library_does() -> anyhow::Result<()> {
    let road = "\n[voucher]\nroad = \"library\"\nkind = \"ec.query\"\n\n[variants]\n";
    let stage = Stage::without_agent(Options {
        profile_changes: vec![("\n[variants]\n", road)],
        ..Options::default()
    })
    .await?;
    let case = stage.folder().join("case.toml");
    let code = stage.admin().voucher("fuyang-resident").await?;
    let known = std::fs::read_to_string(sandbox_case())?;
    std::fs::write(&case, format!("voucher_code = \"{code}\"\n{known}"))?;
    let (text, counts) = read(&battery(&stage, &case, &[])?)?;
    ensure!(counts[1] == 0, "{text}");
    ensure!(text.contains("a library on the PC decodes"), "{text}");
    ensure!(stage.admin().calls("1162", None).await? == 0);
    Ok(())
}

#[tokio::test]
async fn the_battery_passes_and_keeps_no_person() -> anyhow::Result<()> {
    for (profile, least) in [("sandbox.toml", 34), ("jilin.toml", 14)] {
        let stage = dressed(profile).await?;
        let output = battery(&stage, &sandbox_case(), &["--move-money"])?;
        let (text, counts) = read(&output)?;
        ensure!(output.status.success(), "{profile}: {text}");
        ensure!(
            counts[0] >= least && counts[1] == 0 && counts[3] == 0,
            "{profile}: {text}"
        );
        let kept: Vec<PathBuf> = std::fs::read_dir(stage.folder().join("exchanges"))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        ensure!(kept.len() >= 50, "{profile}: {kept:?}");
        for file in kept {
            let text = std::fs::read_to_string(&file)?;
            for person in [
                "341200195803120026",
                "李桂兰",
                "34120010000000000000000001",
                "Z90000016",
            ] {
                ensure!(!text.contains(person), "{} names her", file.display());
            }
        }
        ensure!(
            stage
                .admin()
                .get("/settlements")
                .await?
                .as_array()
                .is_some_and(|rows| { rows.iter().all(|row| row["standing"] == false) })
        );
    }
    Ok(())
}

#[tokio::test]
async fn another_profile_than_the_configuration_s_can_be_tried() -> anyhow::Result<()> {
    let stage = dressed("hunan.toml").await?;
    std::fs::write(stage.folder().join("profile.toml"), "name = \"unfit\"\n")?;
    let unfit = battery(&stage, &sandbox_case(), &[])?;
    ensure!(!unfit.status.success(), "the configured profile is none");
    let profile = repository().join("config/provinces/hunan.toml");
    let profile = profile.to_str().context("path is no text")?;
    let output = battery(&stage, &sandbox_case(), &["--profile", profile])?;
    let (text, counts) = read(&output)?;
    ensure!(output.status.success() && counts[0] >= 8, "{text}");
    ensure!(text.contains("hunan"), "{text}");
    Ok(())
}

#[tokio::test]
async fn no_money_moves_unless_twice_said() -> anyhow::Result<()> {
    let stage = dressed("sandbox.toml").await?;
    let output = battery(&stage, &sandbox_case(), &[])?;
    let (text, counts) = read(&output)?;
    ensure!(output.status.success() && counts[3] >= 8, "{text}");
    let infnos = stage.admin().get("/calls").await?.to_string();
    for money in ["2207", "2208", "2601", "2102"] {
        ensure!(
            !infnos.contains(&format!("\"infno\":\"{money}")),
            "{money}: {infnos}"
        );
    }

    let real = stage.folder().join("real.toml");
    let case = std::fs::read_to_string(sandbox_case())?;
    std::fs::write(
        &real,
        case.replace("test_platform = true", "test_platform = false"),
    )?;
    let output = battery(&stage, &real, &["--move-money"])?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(
        !output.status.success() && told.contains("test_platform"),
        "{told}"
    );
    ensure!(stage.admin().get("/settlements").await? == serde_json::json!([]));
    Ok(())
}

/// For `make conformance`.
#[tokio::test]
#[ignore = "every profile; make conformance"]
async fn every_profile_conforms() -> anyhow::Result<()> {
    let mut names: Vec<String> = std::fs::read_dir(repository().join("config/provinces"))?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()?;
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    let mut sums = [0; 4];
    for name in &names {
        let stage = dressed(String::leak(name.clone())).await?;
        let code = stage.admin().voucher("fuyang-resident").await?;
        let case = std::fs::read_to_string(sandbox_case())?;
        let case = case.replacen(
            "# voucher_code = \"4240123456789012345601340000\"",
            &format!("voucher_code = \"{code}\""),
            1,
        );
        ensure!(case.contains(&code), "the shipped case shows no code");
        let path = stage.folder().join("case.toml");
        std::fs::write(&path, case)?;
        let output = battery(&stage, &path, &["--move-money"])?;
        let (text, counts) = read(&output)?;
        println!("{text}");
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let [passed, failed, unsupported, left_out] = sums;
    println!(
        "conformance: {} profiles, {passed} passed, {failed} failed, {unsupported} not supported",
        names.len()
    );
    ensure!(
        failed == 0 && left_out == 0,
        "{failed} failed, {left_out} left out"
    );
    Ok(())
}
