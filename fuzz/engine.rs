//! The targets under libFuzzer; `ZHIJIE_FUZZ` names the one to run.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Option<zhijie_fuzz::Target>> =
    LazyLock::new(|| zhijie_fuzz::target(&std::env::var("ZHIJIE_FUZZ").unwrap_or_default()));

fuzz_target!(|data: &[u8]| {
    let target = TARGET.as_ref();
    assert!(target.is_some(), "ZHIJIE_FUZZ names no target");
    if let Some(target) = target {
        (target.run)(data);
    }
});
