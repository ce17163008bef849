//! A random program: what it does is done twice, by the runtime and by the model.
//!
//! One thread runs at a time, so that a seed repeats a program: whoever goes to another thread is waited for.

use crate::model::{Below, Expected, FrameId, Future as Modelled, Label, Model, Opened, Outcome};
use crate::model::{Place, Scope, UNSAMPLED};
use crate::random::Random;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context as TaskContext, Poll, Waker};
use traced::__private::{
    self as runtime, Callsite, Parent as RuntimeParent, Section, Value, arguments, enter_at,
    enter_with, event, section,
};
use traced::{Context, Guard, Instrument, SpanId, TraceId};
use traced_tests::{elsewhere, site};

/// The places of a program: one is a function, a section, or a future, as it comes.
fn place(name: &'static str) -> &'static Callsite {
    match name {
        "a" => site!("a", "label"),
        "b" => site!("b", "label"),
        "c" => site!("c", "label"),
        _ => site!("unsampled", "label"),
    }
}

const NAMES: [&str; 10] = ["a", "a", "a", "b", "b", "b", "c", "c", "c", UNSAMPLED];
const REMOTES: [u128; 2] = [7 << 64 | 1, 7 << 64 | 2];

/// What happened in a program, and what is expected of it.
pub(crate) struct Done {
    pub(crate) spans: HashMap<Label, Expected>,
    /// The ids that were current in a span.
    pub(crate) ids: Vec<(Label, SpanId)>,
    pub(crate) log: Vec<String>,
}

/// Runs the program of a seed on a thread of its own.
pub(crate) fn run(seed: u64, first: u64, steps: usize) -> Done {
    let world = World::new(seed, first, steps);
    elsewhere(|| Strand::new(world.clone()).main());
    let mut state = world.state();
    Done {
        spans: std::mem::take(&mut state.model.spans),
        ids: std::mem::take(&mut state.ids),
        log: std::mem::take(&mut state.log),
    }
}

/// What all strands of a program share.
#[derive(Clone)]
struct World(Arc<Mutex<State>>);

struct State {
    random: Random,
    model: Model,
    /// So many steps are left.
    steps: usize,
    places: Vec<(Context, Place)>,
    pool: Vec<Task>,
    ids: Vec<(Label, SpanId)>,
    log: Vec<String>,
    depth: usize,
}

impl World {
    fn new(seed: u64, first: u64, steps: usize) -> Self {
        let remote = |id: &u128| {
            let context = Context::remote(TraceId::from_u128(*id), SpanId::from_u64(1), true);
            (context, Place::Remote(*id))
        };
        let mut places = vec![(Context::none(), Place::Nowhere)];
        places.extend(REMOTES.iter().map(remote));
        Self(Arc::new(Mutex::new(State {
            random: Random::new(seed),
            model: Model::new(first),
            steps,
            places,
            pool: Vec::new(),
            ids: Vec::new(),
            log: Vec::new(),
            depth: 0,
        })))
    }

    /// Held for the model alone, never while the runtime does its part.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panicked")
    }

    fn below(&self, limit: usize) -> usize {
        self.state().random.below(limit)
    }

    fn one_in(&self, chances: usize) -> bool {
        self.state().random.one_in(chances)
    }

    fn name(&self) -> &'static str {
        NAMES[self.below(NAMES.len())]
    }

    fn any_place(&self) -> (Context, Place) {
        let at = {
            let mut state = self.state();
            let count = state.places.len();
            // The newest are the most interesting.
            if state.random.one_in(2) { count - 1 } else { state.random.below(count) }
        };
        self.state().places[at].clone()
    }

    /// Whether there is another step, which is taken.
    fn step(&self) -> bool {
        let mut state = self.state();
        let left = state.steps > 0;
        state.steps = state.steps.saturating_sub(1);
        left
    }

    fn log(&self, line: impl FnOnce() -> String) {
        let mut state = self.state();
        let indent = "  ".repeat(state.depth);
        let line = format!("{indent}{}", line());
        state.log.push(line);
    }

    fn indented<R>(&self, work: impl FnOnce() -> R) -> R {
        self.state().depth += 1;
        let result = work();
        self.state().depth -= 1;
        result
    }

    fn close(&self, opened: Opened) {
        self.state().model.close(opened);
    }
}

/// A future in the program, and what the model knows of it.
struct Task {
    future: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    modelled: Modelled,
    world: World,
    id: usize,
}

impl Task {
    /// Polls it once; whether it is ready.
    fn poll(&mut self) -> bool {
        let (frame, opened) = self.world.state().model.begin_poll(&mut self.modelled);
        self.world.log(|| format!("poll task {} (opens {opened:?})", self.id));
        let future = self.future.as_mut().expect("it is not ready yet");
        let mut context = TaskContext::from_waker(Waker::noop());
        let polled = self.world.indented(|| future.as_mut().poll(&mut context));
        self.end_poll(frame);
        if polled.is_pending() {
            return false;
        }
        self.world.log(|| format!("task {} is ready", self.id));
        self.world.state().model.end_future(&self.modelled, Outcome::Finished);
        // What was dropped after it is ready is outside of it.
        self.future = None;
        true
    }

    fn end_poll(&self, frame: FrameId) {
        self.world.state().model.end_poll(frame);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else { return };
        self.world.log(|| format!("drop task {}", self.id));
        if !Model::is_begun(&self.modelled) {
            return self.world.indented(|| drop(future));
        }
        let (frame, _) = self.world.state().model.begin_poll(&mut self.modelled);
        self.world.indented(|| drop(future));
        self.end_poll(frame);
        self.world.state().model.end_future(&self.modelled, Outcome::Cancelled);
    }
}

/// One sequence of steps: the main program, or the body of a future.
struct Strand {
    world: World,
    /// Those that are open, and in how many scopes each was opened.
    sections: Vec<(Section, Opened, usize)>,
    scopes: usize,
    children: Vec<Task>,
    /// So many polls, at most.
    polls: usize,
    /// The place of its own future, whose arguments the first poll records.
    place: Option<&'static Callsite>,
    /// It is a future's: its sections end in order.
    may_move: bool,
}

type Guards = Vec<(Guard, Opened)>;

impl Strand {
    fn new(world: World) -> Self {
        let polls = world.below(4);
        let (sections, children) = (Vec::new(), Vec::new());
        Self { world, sections, scopes: 0, children, polls, place: None, may_move: true }
    }

    /// The main program, on its thread.
    fn main(mut self) {
        self.may_move = false;
        let mut guards = Guards::new();
        while self.world.state().steps > 0 {
            self.block(&mut guards);
            self.poll_from_pool();
        }
        self.close_all(&mut guards);
        self.clear();
        loop {
            let Some(task) = self.world.state().pool.pop() else { break };
            drop(task);
        }
    }

    /// A few steps, and guards that may stay open behind them.
    fn block(&mut self, guards: &mut Guards) {
        for _ in 0..self.world.below(8) {
            if self.world.step() {
                self.one_step(guards);
            }
        }
    }

    fn one_step(&mut self, guards: &mut Guards) {
        match self.world.below(32) {
            0..=6 => self.enter(guards),
            7 => self.enter_at(guards),
            8..=12 => self.leave_last(guards),
            13 => self.leave_any(guards),
            14 => self.forget(guards),
            15..=16 => self.begin_section(),
            17..=18 => self.end_section(),
            19..=20 => self.in_scope(guards),
            21..=22 => self.remember_place(),
            23..=24 => self.call(),
            25 => self.move_a_task(),
            26..=27 => self.poll_a_child(),
            28 => self.poll_from_pool(),
            29 => self.drop_a_task(),
            30 => self.happen(),
            _ => self.go_elsewhere(),
        }
    }

    fn enter(&mut self, guards: &mut Guards) {
        let name = self.world.name();
        let opened = self.world.state().model.open(name, Below::Current);
        self.world.log(|| format!("enter {name}: {opened:?}"));
        let label = self.world.state().model.label_of(opened);
        guards.push((enter_with(place(name), || [Value::U64(label)]), opened));
    }

    fn enter_at(&mut self, guards: &mut Guards) {
        let name = self.world.name();
        let (parent, below) = if self.world.one_in(3) {
            (RuntimeParent::Root, Below::Root)
        } else {
            let (context, place) = self.world.any_place();
            (RuntimeParent::Of(context), Below::Place(place))
        };
        let opened = self.world.state().model.open(name, below);
        self.world.log(|| format!("enter {name} at {below:?}: {opened:?}"));
        let label = self.world.state().model.label_of(opened);
        guards.push((enter_at(place(name), || parent, || [Value::U64(label)]), opened));
    }

    fn leave_last(&mut self, guards: &mut Guards) {
        if let Some((guard, opened)) = guards.pop() {
            self.world.log(|| format!("leave {opened:?}"));
            self.world.close(opened);
            drop(guard);
        }
    }

    fn leave_any(&mut self, guards: &mut Guards) {
        if !guards.is_empty() {
            let at = self.world.below(guards.len());
            let last = guards.len() - 1;
            guards.swap(at, last);
            self.leave_last(guards);
        }
    }

    fn close_all(&mut self, guards: &mut Guards) {
        while !guards.is_empty() {
            if self.world.one_in(4) { self.leave_any(guards) } else { self.leave_last(guards) }
        }
    }

    fn forget(&mut self, guards: &mut Guards) {
        if self.world.one_in(2) {
            if let Some((guard, opened)) = guards.pop() {
                self.world.log(|| format!("forget {opened:?}"));
                std::mem::forget(guard);
            }
        }
    }

    fn begin_section(&mut self) {
        let name = self.world.name();
        let opened = self.world.state().model.open_section(name);
        self.world.log(|| format!("section {name}: {opened:?}"));
        let label = self.world.state().model.label_of(opened);
        let section = section(place(name), || [Value::U64(label)]);
        self.sections.push((section, opened, self.scopes));
    }

    fn end_section(&mut self) {
        if !self.may_move && self.world.one_in(4) && !self.sections.is_empty() {
            let (at, last) = (self.world.below(self.sections.len()), self.sections.len() - 1);
            self.sections.swap(at, last);
        }
        self.end_last_section();
    }

    fn end_last_section(&mut self) {
        if let Some((section, opened, _)) = self.sections.pop() {
            self.world.log(|| format!("end section {opened:?}"));
            self.world.close(opened);
            drop(section);
        }
    }

    fn in_scope(&mut self, guards: &mut Guards) {
        let (context, place) = self.world.any_place();
        let scope = self.world.state().model.enter_scope(place);
        self.world.log(|| format!("in scope of {place:?}"));
        let mut inner = Guards::new();
        let world = self.world.clone();
        self.scopes += 1;
        context.in_scope(|| {
            world.indented(|| self.block(&mut inner));
            if world.one_in(2) {
                world.indented(|| self.close_all(&mut inner));
            }
            world.indented(|| self.end_sections_of_scope());
        });
        self.scopes -= 1;
        self.leave_scope(scope);
        guards.append(&mut inner);
    }

    fn leave_scope(&self, scope: Scope) {
        self.world.log(|| "end of scope".to_owned());
        self.world.state().model.leave_scope(scope);
    }

    fn remember_place(&mut self) {
        let context = traced::current();
        let place = self.world.state().model.current();
        self.world.log(|| format!("current is {place:?}"));
        let mut state = self.world.state();
        match place {
            Place::Nowhere => assert!(context.is_none(), "{context:?}"),
            Place::Remote(remote) => assert_eq!(context.trace_id().to_u128(), remote),
            Place::Local(_, None) => assert!(!context.is_sampled()),
            Place::Local(_, Some(label)) => state.ids.push((label, context.span_id())),
        }
        state.places.push((context, place));
    }

    /// Makes a future, of one of the many kinds.
    fn call(&mut self) {
        let name = self.world.name();
        let site = place(name);
        let mut body = Self::new(self.world.clone());
        let kind = self.world.below(5);
        let id = self.world.state().log.len();
        let (context, to) = self.world.any_place();
        let (future, modelled): (Pin<Box<dyn Future<Output = ()> + Send>>, _) = match kind {
            0 | 1 => {
                body.place = Some(site);
                let modelled = self.world.state().model.call(name, Below::Current);
                (Box::pin(runtime::traced(site, body)), modelled)
            }
            2 => {
                body.place = Some(site);
                let modelled = self.world.state().model.call(name, Below::Root);
                (
                    Box::pin(runtime::in_span(
                        runtime::span_at(site, || RuntimeParent::Root, runtime::no_links, || []),
                        body,
                    )),
                    modelled,
                )
            }
            3 => {
                body.place = Some(site);
                let modelled = self.world.state().model.call(name, Below::Place(to));
                let span = runtime::span(site, || []).parent(context);
                (Box::pin(body.instrument(span)), modelled)
            }
            _ => {
                let modelled = self.world.state().model.lend(to);
                (Box::pin(body.in_context(&context)), modelled)
            }
        };
        self.world.log(|| format!("make task {id}: {modelled:?}"));
        let world = self.world.clone();
        self.children.push(Task { future: Some(future), modelled, world, id });
    }

    fn move_a_task(&mut self) {
        if self.world.one_in(2) {
            self.children.pop().into_iter().for_each(|task| self.world.state().pool.push(task));
        } else {
            let task = self.world.state().pool.pop();
            self.children.extend(task);
        }
    }

    fn poll_a_child(&mut self) {
        if self.children.is_empty() {
            return;
        }
        let at = self.world.below(self.children.len());
        let mut child = self.children.swap_remove(at);
        if !child.poll() {
            self.children.push(child);
        }
    }

    fn poll_from_pool(&mut self) {
        let Some(mut task) = self.take_from_pool() else { return };
        let is_ready = if self.world.one_in(3) {
            let world = self.world.clone();
            let before = world.state().model.begin_thread();
            world.log(|| "on another thread".to_owned());
            let is_ready = elsewhere(|| task.poll());
            world.state().model.end_thread(before);
            is_ready
        } else {
            task.poll()
        };
        if !is_ready {
            self.world.state().pool.push(task);
        }
    }

    fn take_from_pool(&self) -> Option<Task> {
        let mut state = self.world.state();
        let count = state.pool.len();
        if count == 0 {
            return None;
        }
        let at = state.random.below(count);
        Some(state.pool.swap_remove(at))
    }

    fn drop_a_task(&mut self) {
        let task = if self.world.one_in(2) { self.children.pop() } else { self.take_from_pool() };
        drop(task);
    }

    fn happen(&mut self) {
        self.world.log(|| "event".to_owned());
        self.world.state().model.happen();
        event(site!("event"), || []);
    }

    /// Part of a strand on another thread, in the current context.
    fn go_elsewhere(&mut self) {
        let place = self.world.state().model.current();
        let before = self.world.state().model.begin_thread();
        let scope = self.world.state().model.enter_scope(place);
        self.world.log(|| format!("on another thread in {place:?}"));
        let world = self.world.clone();
        // A section stays with its strand, and so on this side or that.
        let here = std::mem::take(&mut self.sections);
        let work = traced::in_current(|| {
            let mut guards = Guards::new();
            world.indented(|| self.block(&mut guards));
            world.indented(|| self.close_all(&mut guards));
            world.indented(|| self.end_sections());
        });
        elsewhere(work);
        self.sections = here;
        world.state().model.leave_scope(scope);
        world.state().model.end_thread(before);
        world.log(|| "back".to_owned());
    }

    /// Ends what lasts longer than a poll.
    fn clear(&mut self) {
        self.end_sections();
        self.children.clear();
    }

    /// A section that outlives its scope is not on the way outwards, which is not known once it moved.
    fn end_sections_of_scope(&mut self) {
        let is_inside =
            |strand: &Self| strand.sections.last().is_some_and(|s| s.2 == strand.scopes);
        while self.may_move && is_inside(self) {
            self.end_last_section();
        }
    }

    fn end_sections(&mut self) {
        while !self.sections.is_empty() {
            self.end_last_section();
        }
    }
}

impl Future for Strand {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<()> {
        if let Some(place) = self.place.take() {
            let label = self.world.state().model.current_label();
            arguments(place, || [Value::U64(label)]);
        }
        let mut guards = Guards::new();
        self.block(&mut guards);
        self.close_all(&mut guards);
        if self.polls > 0 {
            self.polls -= 1;
            return Poll::Pending;
        }
        self.clear();
        Poll::Ready(())
    }
}

impl Drop for Strand {
    fn drop(&mut self) {
        self.clear();
    }
}
