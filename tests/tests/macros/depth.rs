//! Async functions that call each other: one flat wrapper a level, whatever the depth.

use traced::test::capture;
use traced::traced;
use traced_tests::{block_on, yield_now};

macro_rules! levels {
    ($($outer:ident -> $inner:ident),* $(,)?) => {$(
        #[traced]
        async fn $outer(argument: [u8; 256]) -> Result<u8, String> {
            let number = $inner(argument).await?;
            Ok(number + 1)
        }
    )*};
}

#[traced]
async fn innermost(argument: [u8; 256]) -> Result<u8, String> {
    yield_now().await;
    Ok(argument[0])
}

levels! {
    a0 -> innermost, a1 -> a0, a2 -> a1, a3 -> a2, a4 -> a3, a5 -> a4, a6 -> a5, a7 -> a6,
    b0 -> a7, b1 -> b0, b2 -> b1, b3 -> b2, b4 -> b3, b5 -> b4, b6 -> b5, b7 -> b6,
    c0 -> b7, c1 -> c0, c2 -> c1, c3 -> c2, c4 -> c3, c5 -> c4, c6 -> c5, c7 -> c6,
    d0 -> c7, d1 -> d0, d2 -> d1, d3 -> d2, d4 -> d3, d5 -> d4, d6 -> d5, d7 -> d6,
    e0 -> d7, e1 -> e0, e2 -> e1, e3 -> e2, e4 -> e3, e5 -> e4, e6 -> e5, e7 -> e6,
    f0 -> e7, f1 -> f0, f2 -> f1, f3 -> f2, f4 -> f3, f5 -> f4, f6 -> f5, f7 -> f6,
    g0 -> f7, g1 -> g0, g2 -> g1, g3 -> g2, g4 -> g3, g5 -> g4, g6 -> g5, g7 -> g6,
    h0 -> g7, h1 -> h0, h2 -> h1, h3 -> h2, h4 -> h3, h5 -> h4, h6 -> h5,
}

#[test]
fn sixty_four_levels_compile_and_nest() {
    let spans = capture(|| assert_eq!(block_on(h6([1; 256])), Ok(64)));
    assert_eq!(spans.len(), 64);
}
