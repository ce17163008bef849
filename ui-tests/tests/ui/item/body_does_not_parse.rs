use traced::traced;

#[traced]
fn place(order: u64) -> u64 {
    let total = order.;
    total
}

#[traced(nmae = "other")]
fn other() {
    let = 1;
}

fn main() {
    place(1);
    other();
}
