//! A process that ends without a shutdown, and one that forks.

use crate::compare;
use crate::sink::{Request, Sink};
use fork::Fork;
use std::collections::HashSet;
use std::process::Command;
use std::time::Duration;
use traced::memory::Memory;
use traced::otlp::{Otlp, Settings};
use traced::redact::{Cap, Capped};
use traced::sampling::AlwaysOn;
use traced::{Builder, Dropped, Export, Installed, stats};
use traced_tests::{
    PATIENCE, again, builder, elsewhere, flush, in_a_process_of_its_own, leaf, open, twig,
};

const NEVER: Duration = Duration::from_secs(1_000_000);

fn install(endpoint: &str) -> Installed {
    building(endpoint).install().unwrap()
}

/// Towards a collector whose answer never comes too late.
fn building(endpoint: &str) -> Builder {
    let mut settings = Settings::new(endpoint);
    settings.timeout = PATIENCE;
    builder().sampler(AlwaysOn).exporter(Otlp::new(&settings).unwrap()).interval(NEVER)
}

fn names(requests: &[Request]) -> Vec<String> {
    let spans = requests.iter().flat_map(|request| compare::decode(&request.body).into_values());
    let mut names: Vec<_> = spans.map(|(_, span)| span.name).collect();
    names.sort_unstable();
    names
}

/// Runs `body` in a process that ends with it, while a collector watches from outside.
#[track_caller]
fn sends(test: &str, body: impl FnOnce(), expected: &[&str]) {
    const SINK: &str = "TRACED_TEST_SINK";
    if let Ok(endpoint) = std::env::var(SINK) {
        std::mem::forget(install(&endpoint));
        return body();
    }
    let sink = Sink::new([]);
    again(&format!("process::{test}")).env(SINK, sink.endpoint()).output().unwrap();
    assert_eq!(names(&sink.requests()), expected);
}

#[test]
fn exit_without_shutdown_sends_what_is_there() {
    let body = || {
        leaf();
        elsewhere(twig);
        std::process::exit(0);
    };
    sends("exit_without_shutdown_sends_what_is_there", body, &["leaf", "twig"]);
}

#[test]
fn exit_inside_of_a_span_sends_what_has_ended() {
    let body = || {
        leaf();
        open!(_root = "root");
        std::process::exit(0);
    };
    // The thread's own end comes first, and sends what is open as unfinished.
    sends("exit_inside_of_a_span_sends_what_has_ended", body, &["leaf", "root"]);
}

#[test]
fn exit_on_another_thread_sends_what_is_there() {
    let body = || {
        leaf();
        elsewhere(|| std::process::exit(0));
    };
    sends("exit_on_another_thread_sends_what_is_there", body, &["leaf"]);
}

#[test]
fn an_end_that_is_no_exit_sends_nothing() {
    let body = || {
        leaf();
        std::process::abort();
    };
    sends("an_end_that_is_no_exit_sends_nothing", body, &[]);
}

#[test]
fn a_signal_that_ends_the_process_is_preceded_by_what_is_there() {
    const SINK: &str = "TRACED_TEST_SIGNAL_SINK";
    let test = "process::a_signal_that_ends_the_process_is_preceded_by_what_is_there";
    if let Ok(endpoint) = std::env::var(SINK) {
        let _installed = building(&endpoint).flush_on_signals().install().unwrap();
        leaf();
        // Every shell has it, and not every system a program of this name.
        let kill = format!("kill {}", std::process::id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        loop {
            std::thread::park();
        }
    }
    let sink = Sink::new([]);
    let ended = again(test).env(SINK, sink.endpoint()).output().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended.status), Some(15));
    assert_eq!(names(&sink.requests()), ["leaf"]);
}

/// Runs `child` in a forked process, and waits for its end.
fn forked(child: impl FnOnce()) {
    match fork::fork().unwrap() {
        Fork::Child => {
            child();
            std::process::exit(0);
        }
        Fork::Parent(pid) => {
            fork::waitpid(pid).unwrap();
        }
    }
}

#[test]
fn a_forked_child_sends_its_own_spans_and_not_its_parents() {
    let test = "process::a_forked_child_sends_its_own_spans_and_not_its_parents";
    in_a_process_of_its_own(test, || {
        let sink = Sink::new([]);
        let _installed = install(&sink.endpoint());
        leaf();
        {
            open!(_root = "root");
            leaf();
            forked(|| {
                assert!(traced::current().is_none());
                open!(_child = "child");
                twig();
            });
            leaf();
        }
        let of_child = names(&sink.requests());
        assert_eq!(of_child, ["child", "twig"]);
        assert!(flush());
        let requests = sink.requests();
        assert_eq!(names(&requests[1..]), ["leaf", "leaf", "leaf", "root"]);
        let spans = requests.iter().flat_map(|request| compare::decode(&request.body));
        let ids: HashSet<_> = spans.map(|(id, (_, span))| (id, span.trace_id)).collect();
        assert_eq!(ids.len(), 6, "ids of parent and child are distinct");
        let traces: HashSet<_> = ids.iter().map(|(_, trace)| trace).collect();
        assert_eq!(traces.len(), 3);
        assert_eq!(stats().exported, 4);
    });
}

#[test]
fn a_childs_counts_begin_at_zero_and_add_up() {
    in_a_process_of_its_own("process::a_childs_counts_begin_at_zero_and_add_up", || {
        let memory = Memory::new();
        let boxed: Box<dyn Export> = Box::new(memory.clone());
        let exporter = Capped::new(boxed, Cap::Declared);
        let _installed =
            builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER).install().unwrap();
        {
            open!(_root = "root");
            (0..100).for_each(|_| leaf());
        }
        assert!(flush());
        assert!(stats().dropped(Dropped::Folded) > 0, "the collector folds them");
        memory.take();
        (0..10).for_each(|_| leaf());
        let sink = Sink::new([]);
        forked(|| {
            let before = stats();
            leaf();
            let flushed = flush();
            let after = stats();
            let settled = (after.created, after.exported, after.pending) == (1, 1, 0);
            let settled = settled && after.dropped_in_all() == 0;
            if before.created == 0 && flushed && settled && memory.take().len() == 1 {
                report(&sink);
            }
        });
        assert_eq!(sink.requests().len(), 1, "the child was content");
        assert_eq!(stats().pending, 10);
    });
}

/// Says that all is well, from a process whose assertions nobody sees.
fn report(sink: &Sink) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(sink.address()).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n").unwrap();
    let _ = stream.read(&mut [0; 100]);
}

#[test]
fn a_fork_while_others_record_and_flush_ends_well() {
    in_a_process_of_its_own("process::a_fork_while_others_record_and_flush_ends_well", || {
        let sink = Sink::new([]);
        let _installed = install(&sink.endpoint());
        let done = std::sync::atomic::AtomicBool::new(false);
        let is_done = || done.load(std::sync::atomic::Ordering::Relaxed);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !is_done() {
                    leaf();
                }
            });
            threads.spawn(|| {
                while !is_done() {
                    // A new thread, and so a new outbox, each time.
                    elsewhere(leaf);
                    flush();
                    let _ = stats();
                }
            });
            for _ in 0..20 {
                forked(twig);
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert!(flush());
        let twigs = names(&sink.requests()).iter().filter(|name| *name == "twig").count();
        assert_eq!(twigs, 20);
    });
}
