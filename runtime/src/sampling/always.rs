use super::{Head, Randomness, Sampler, Start};

/// Samples every trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysOn;

/// Samples no trace, and records none.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysOff;

impl Sampler for AlwaysOn {
    fn start(&self, _: &Start) -> Head {
        Head::SAMPLED
    }

    fn asks_for_routes(&self) -> bool {
        false
    }
}

impl Sampler for AlwaysOff {
    fn start(&self, _: &Start) -> Head {
        Head::OFF
    }

    fn asks_for_routes(&self) -> bool {
        false
    }

    fn leaves_out_below(&self) -> u64 {
        Randomness::ALL
    }
}
