//! Instructions per span, by `valgrind --tool=callgrind`.
//!
//! The program runs itself once per contender and workload. Collection is toggled by the function that does
//! the work, after as much of it as warms everything up; loading, constructors and other threads are not
//! counted. The profiles stay beside the program, for `callgrind_annotate`.

use crate::contenders::{self, Contestant};
use crate::harness::{self, Outcome, Score};
use crate::options::COUNT_INSTRUCTIONS;
use crate::workload::Workload;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Fills in the instructions of all scores, or says why not.
pub(crate) fn count(outcomes: &mut [Outcome]) {
    let Some(directory) = directory() else {
        return eprintln!("skipped: valgrind is not installed, so no instructions are counted");
    };
    for outcome in outcomes {
        eprintln!("counting instructions of {} …", outcome.workload.name);
        for score in &mut outcome.scores {
            score.instructions = instructions(outcome.workload, score, &directory);
        }
    }
}

/// Where the profiles go; `None` where there is no valgrind to write them.
fn directory() -> Option<PathBuf> {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.ok().filter(std::process::ExitStatus::success)?;
    let directory = std::env::current_exe().ok()?.parent()?.join("callgrind");
    std::fs::create_dir_all(&directory).ok()?;
    Some(directory)
}

fn instructions(workload: &Workload, score: &Score, directory: &Path) -> Option<f64> {
    let name = score.contestant.name;
    let profile = directory.join(format!("{}.{name}", workload.name));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=traced_benches::harness::work*")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(std::env::current_exe().ok()?)
        .args([COUNT_INSTRUCTIONS, workload.name, name])
        .env("GLIBC_TUNABLES", NO_REPEATED_INSTRUCTIONS)
        .output()
        .ok()?;
    let total = std::fs::read_to_string(&profile).ok().and_then(|profile| collected(&profile));
    if !output.status.success() || total.is_none() {
        eprint!("no count for {name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Some(harness::per_span(total?, traces(workload) * workload.shape.spans()))
}

/// The hidden command: this process is the one whose instructions are counted.
pub(crate) fn be_counted(workload: &Workload, contestant: &Contestant) {
    let _installed = (!workload.is_off()).then(contenders::install);
    workload.decision.make_present();
    for _ in 0..WARM_UP {
        // Not by way of the function that toggles.
        (contestant.run)(workload.shape, traces(workload));
        (contestant.flush)();
    }
    harness::work(contestant, workload.shape, traces(workload));
    (contestant.flush)();
}

/// Bursts that fill queues, tables and caches first.
const WARM_UP: u32 = 3;

/// Counting is exact, so that a tenth of the work is enough.
const fn traces(workload: &Workload) -> u64 {
    workload.shape.traces() / 10
}

/// Valgrind counts `rep movsb`, by which glibc copies more than some 2 KiB, as one instruction a byte.
const NO_REPEATED_INSTRUCTIONS: &str =
    "glibc.cpu.x86_rep_movsb_threshold=0x40000000:glibc.cpu.x86_rep_stosb_threshold=0x40000000";

/// The sum at the end of a profile.
fn collected(profile: &str) -> Option<u64> {
    let line = profile.lines().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}
