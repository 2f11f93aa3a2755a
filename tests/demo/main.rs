//! The story of the product in scenes, played by real processes; see README.md.

mod filing;
mod later;
mod play;
mod scenes;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use play::Play;
use summary::Summary;

#[tokio::main]
async fn main() -> ExitCode {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/demo");
    match tell(folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n演示失败 the demo failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(folder: PathBuf) -> anyhow::Result<()> {
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut summary = Summary::default();
    let mut play = Play::begin(&folder.join("desk"), &mut summary).await?;
    scenes::card(&mut play, &mut summary).await?;
    scenes::voucher(&mut play, &mut summary).await?;
    scenes::power_cut(&mut play, &mut summary).await?;
    scenes::refund(&mut play, &mut summary).await?;
    later::later(&mut play, &mut summary).await?;
    filing::gone(&mut play, &mut summary).await?;
    scenes::receipt(&mut play, &mut summary)?;
    let file = folder.join("summary.json");
    summary.write(&file)?;
    println!("\n每一幕的结果 one object per scene: {}", file.display());
    Ok(())
}
