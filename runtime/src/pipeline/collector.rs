//! The one thread that empties the outboxes and calls the exporter: how it is started, woken and asked for something.
//!
//! It comes at an interval, when an outbox fills, and when somebody flushes. Nothing that an application's
//! thread does waits for it, except [`flush`] by whoever asked to wait, and never longer than said.

use crate::pipeline::desk::Desk;
use crate::pipeline::memory;
use crate::pipeline::plan::Plan;
use crate::pipeline::work::Work;
use crate::report::{Importance, say};
use crate::sync::{AtomicUsize, Mutex, OnceLock, PoisonError, Relaxed, thread_local};
use std::cell::Cell;
use std::sync::Arc;
use std::thread::Thread;
use std::time::Duration;

/// A collector's thread, and where it is asked for something.
#[derive(Debug)]
struct Crew {
    desk: Arc<Desk>,
    thread: Thread,
}

/// Each process has its own, counted from the first one that was set up: a forked child has one more.
static CREWS: [OnceLock<Crew>; GENERATIONS] = [const { OnceLock::new() }; GENERATIONS];
/// So many processes deep spans are sent.
const GENERATIONS: usize = 32;
static GENERATION: AtomicUsize = AtomicUsize::new(0);
/// What the crews of forked children are made of.
static BLUEPRINT: Mutex<Option<Plan>> = Mutex::new(None);
/// How a forked child starts its own. Threads that record know it from whoever set up a pipeline: a program where
/// nobody does, which only annotates, is linked without the collector and all that it calls.
static HIRE: OnceLock<fn()> = OnceLock::new();

thread_local! {
    /// Whether this is a collector's thread, which must not wait for itself. At the end of a thread the standard
    /// library no longer knows which one it is.
    static IS_COLLECTOR: Cell<bool> = const { Cell::new(false) };
}

fn crew() -> Option<&'static Crew> {
    CREWS.get(GENERATION.load(Relaxed))?.get()
}

/// Wakes the collector. A call is never lost: who is not asleep will not fall asleep.
pub(crate) fn call() {
    if let Some(crew) = crew() {
        crew.desk.call(|| crew.thread.unpark());
    }
}

/// The same when so much was waiting before. Where nothing was, a forked child may need a collector first.
pub(crate) fn call_first(before: usize) {
    if before > 0 {
        call();
    } else if is_inherited() {
        if let Some(hire) = HIRE.get() {
            hire();
        }
    }
}

/// Whether there is a collector at all.
pub(crate) fn is_on_duty() -> bool {
    CREWS[0].get().is_some()
}

/// Whether this is a forked child whose own collector does not run yet.
fn is_inherited() -> bool {
    GENERATION.load(Relaxed) > 0 && crew().is_none()
}

/// Starts the collector of a forked child.
#[cold]
fn hire() {
    let Some(own) = CREWS.get(GENERATION.load(Relaxed)) else { return };
    // Nobody holds it for longer than this takes, and nobody while a process forks.
    let Ok(mut blueprint) = BLUEPRINT.try_lock() else { return };
    let Some(plan) = blueprint.take() else { return };
    *blueprint = Some(plan.again());
    drop(blueprint);
    if plan.exporters.is_empty() {
        let what = "spans of this forked process are dropped: its exporter does not know how to begin again";
        say(Importance::Warning, format_args!("{what}"));
    }
    if let Ok(crew) = Crew::start(plan) {
        let _ = own.set(crew);
    }
}

/// In a forked child: the collector's thread is not here.
#[cfg(all(unix, not(loom)))]
pub(crate) fn begin_again() {
    GENERATION.fetch_add(1, Relaxed);
}

/// Starts the collector.
pub(crate) fn start(plan: Plan) -> Result<(), std::io::Error> {
    memory::set_limit_bytes(plan.memory_limit);
    *BLUEPRINT.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan.again());
    let _ = HIRE.set(hire);
    let crew = Crew::start(plan)?;
    if let Err(refused) = CREWS[0].set(crew) {
        refused.ask(Duration::ZERO, Wish::End);
    }
    Ok(())
}

/// What somebody wants of the collector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wish {
    Flush,
    End,
}

/// Sends what was kept until now, and waits for it, but not longer than `limit`.
pub(crate) fn flush(limit: Duration) -> bool {
    crew().is_none_or(|crew| crew.ask(limit, Wish::Flush))
}

/// The same, spans without an end included; the thread ends.
pub(crate) fn shut_down(limit: Duration) -> bool {
    crew().is_none_or(|crew| crew.ask(limit, Wish::End))
}

/// Whether a collector runs that nobody has shut down.
#[cfg(all(unix, not(loom)))]
pub(crate) fn is_running() -> bool {
    crew().is_some_and(|crew| crew.desk.closing().is_none())
}

impl Crew {
    fn start(plan: Plan) -> Result<Self, std::io::Error> {
        let desk = Arc::new(Desk::default());
        let work = Work::new(desk.clone(), plan);
        let builder = std::thread::Builder::new().name("traced-collector".into());
        let thread = builder.spawn(move || {
            IS_COLLECTOR.with(|is_collector| is_collector.set(true));
            work.run();
        })?;
        Ok(Self { desk, thread: thread.thread().clone() })
    }

    fn ask(&self, limit: Duration, wish: Wish) -> bool {
        if IS_COLLECTOR.with(Cell::get) {
            return false;
        }
        self.desk.ask(limit, wish == Wish::End, || self.thread.unpark())
    }
}
