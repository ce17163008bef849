//! The command line.

use crate::contenders::Contestant;
use crate::workload::{self, Workload};

pub(crate) const USAGE: &str = "\
usage: traced-benches [options]
  --rounds N        rounds of each workload; the fastest counts (50)
  --only WORKLOAD   only workloads whose name contains this
  --no-callgrind    do not count instructions, which takes a minute or two
  --json            print all as JSON";

/// What to do.
pub(crate) enum Command {
    Compare(Options),
    /// What this program asks of itself under valgrind.
    CountInstructions {
        workload: &'static Workload,
        contender: &'static Contestant,
    },
}

pub(crate) struct Options {
    pub(crate) rounds: u32,
    pub(crate) only: String,
    pub(crate) callgrind: bool,
    pub(crate) json: bool,
}

/// The hidden command of [`Command::CountInstructions`].
pub(crate) const COUNT_INSTRUCTIONS: &str = "count-instructions";

pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = Options { rounds: 50, only: String::new(), callgrind: true, json: false };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--rounds" => options.rounds = positive(&value()?)?,
            "--only" => options.only = value()?,
            "--no-callgrind" => options.callgrind = false,
            "--json" => options.json = true,
            COUNT_INSTRUCTIONS => {
                let workload = workload::named(&value()?).ok_or("no such workload")?;
                let contender = workload.contestant(&value()?).ok_or("no such contender")?;
                return Ok(Command::CountInstructions { workload, contender });
            }
            _ => return Err(format!("unknown option `{argument}`")),
        }
    }
    if options.workloads().next().is_none() {
        let names: Vec<_> = workload::ALL.iter().map(|workload| workload.name).collect();
        return Err(format!("no workload is called `{}`: {}", options.only, names.join(", ")));
    }
    Ok(Command::Compare(options))
}

fn positive(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{text}` is not a number of rounds")),
    }
}

impl Options {
    pub(crate) fn workloads(&self) -> impl Iterator<Item = &'static Workload> {
        workload::ALL.iter().filter(|workload| workload.name.contains(&self.only))
    }
}
