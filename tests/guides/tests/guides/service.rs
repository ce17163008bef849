//! `README.md`.

mod a_first_trace {
    #[derive(Debug)]
    struct PayError;

    use traced::traced;

    #[traced(slow = "50ms")]
    fn charge(cents: u64, #[public] currency: &str, card_number: &str) -> Result<(), PayError> {
        traced::event!("validated", checks = 3);
        if card_number.is_empty() { Err(PayError) } else { Ok(()) }
    }
}

mod in_a_service {
    fn main() {
        let _traced = traced::init!(); // sends what is left when it is dropped
        // and so on
    }
}
