use traced::traced;

#[traced(strict)]
fn text(text: &str) {
    let _ = text;
}

fn main() {}
