//! Tests of what belongs to the whole process, while other tests run in this one: they start their own.

use std::process::Command;

const CHILD: &str = "TRACED_TEST_ALONE";

/// Runs `body` in a process in which nothing else happens: that of the calling test, in this module.
#[track_caller]
pub(crate) fn alone(module: &str, test: &str, body: impl FnOnce()) {
    if std::env::var_os(CHILD).is_some() {
        return body();
    }
    let (_, module) = module.split_once("::").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{test}"), "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{output:?}");
}
