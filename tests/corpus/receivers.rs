//! Methods, by every kind of `self`.

use super::span;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use traced::traced;
use traced_tests::{block_on, yield_now};

/// Without any trait.
struct Bare {
    name: String,
}

fn bare() -> Bare {
    Bare { name: "bare".into() }
}

impl Bare {
    #[traced]
    fn shared(&self) -> usize {
        self.name.len()
    }
    #[traced]
    fn exclusive(&mut self) -> &mut String {
        self.name.push('!');
        &mut self.name
    }
    #[traced]
    fn owned(self) -> String {
        self.name
    }
    #[traced]
    fn owned_mutable(mut self) -> String {
        self.name.push('!');
        self.name
    }
    #[traced]
    fn owned_in_part(self) -> Result<String, ()> {
        let name = self.name;
        Ok(name)
    }
    #[traced]
    fn boxed(self: Box<Self>) -> String {
        self.name
    }
    #[traced]
    fn counted(self: Rc<Self>) -> usize {
        self.name.len()
    }
    #[traced]
    fn in_an_arc(self: Arc<Self>) -> Option<usize> {
        Some(self.name.len())
    }
    #[traced]
    fn by_reference_to_arc(self: &Arc<Self>) -> usize {
        Arc::strong_count(self)
    }
    #[traced]
    fn pinned(self: Pin<&mut Self>) -> usize {
        self.get_mut().name.len()
    }
    #[traced]
    fn pinned_mutable(mut self: Pin<&mut Self>) -> Result<usize, ()> {
        self.as_mut().get_mut().name.clear();
        Ok(self.name.len())
    }
    #[traced]
    fn named_lifetime<'a>(&'a self, _other: &str) -> &'a str {
        &self.name
    }
    #[traced]
    async fn shared_later(&self) -> usize {
        yield_now().await;
        self.name.len()
    }
    #[traced]
    async fn exclusive_later(&mut self, text: &str) -> &str {
        yield_now().await;
        self.name.push_str(text);
        &self.name
    }
    #[traced]
    async fn owned_later(self) -> String {
        yield_now().await;
        self.name
    }
    #[traced]
    async fn owned_mutable_later(mut self) -> String {
        yield_now().await;
        self.name.push('!');
        self.name
    }
    #[traced]
    async fn in_an_arc_later(self: Arc<Self>) -> Result<usize, String> {
        yield_now().await;
        Ok(self.name.len())
    }
    #[traced]
    async fn pinned_later(self: Pin<&mut Self>) -> usize {
        yield_now().await;
        self.get_mut().name.len()
    }
    #[traced]
    fn makes() -> Self {
        bare()
    }
    #[traced]
    fn tries() -> Result<Self, String> {
        let bare = Self::makes();
        if bare.name.is_empty() {
            return Err(bare.name);
        }
        Ok(bare)
    }
}

trait Named {
    type Name<'a>
    where
        Self: 'a;
    const PREFIX: &'static str = "";

    fn name(&self) -> Self::Name<'_>;
    #[traced]
    fn shout(&self) -> String
    where
        Self: Sized,
    {
        Self::PREFIX.to_uppercase()
    }
    #[traced]
    async fn shout_later(&self) -> String {
        yield_now().await;
        Self::PREFIX.to_lowercase()
    }
    fn promised(&self) -> impl Future<Output = usize> + Send;
}

use std::future::Future;

impl Named for Bare {
    type Name<'a> = &'a str;
    const PREFIX: &'static str = "x";

    #[traced]
    fn name(&self) -> Self::Name<'_> {
        &self.name
    }
    #[traced]
    async fn promised(&self) -> usize {
        yield_now().await;
        self.name.len()
    }
}

#[test]
fn methods_are_called_as_ever() {
    span("Bare::shared", || assert_eq!(bare().shared(), 4));
    span("Bare::exclusive", || bare().exclusive().push('?'));
    span("Bare::owned", || assert_eq!(bare().owned(), "bare"));
    span("Bare::owned_mutable", || assert_eq!(bare().owned_mutable(), "bare!"));
    span("Bare::owned_in_part", || assert_eq!(bare().owned_in_part().unwrap(), "bare"));
    span("Bare::boxed", || assert_eq!(Box::new(bare()).boxed(), "bare"));
    span("Bare::counted", || assert_eq!(Rc::new(bare()).counted(), 4));
    span("Bare::in_an_arc", || assert_eq!(Arc::new(bare()).in_an_arc(), Some(4)));
    span("Bare::by_reference_to_arc", || {
        assert_eq!(Arc::new(bare()).by_reference_to_arc(), 1);
    });
    span("Bare::pinned", || assert_eq!(Pin::new(&mut bare()).pinned(), 4));
    span("Bare::pinned_mutable", || assert_eq!(Pin::new(&mut bare()).pinned_mutable(), Ok(0)));
    span("Bare::named_lifetime", || assert_eq!(bare().named_lifetime(""), "bare"));
    span("Bare::makes", || drop(Bare::makes()));
    span("Bare::tries", || drop(Bare::tries()));
}

#[test]
fn async_methods_too() {
    span("Bare::shared_later", || assert_eq!(block_on(bare().shared_later()), 4));
    span("Bare::exclusive_later", || {
        assert_eq!(block_on(bare().exclusive_later("!")), "bare!");
    });
    span("Bare::owned_later", || assert_eq!(block_on(bare().owned_later()), "bare"));
    span("Bare::owned_mutable_later", || {
        assert_eq!(block_on(bare().owned_mutable_later()), "bare!");
    });
    span("Bare::in_an_arc_later", || {
        assert_eq!(block_on(Arc::new(bare()).in_an_arc_later()), Ok(4));
    });
    span("Bare::pinned_later", || {
        assert_eq!(block_on(Pin::new(&mut bare()).pinned_later()), 4);
    });
}

#[test]
fn traits() {
    span("Bare::name", || assert_eq!(bare().name(), "bare"));
    span("Named::shout", || assert_eq!(bare().shout(), "X"));
    span("Named::shout_later", || assert_eq!(block_on(bare().shout_later()), "x"));
    span("Bare::promised", || assert_eq!(block_on(bare().promised()), 4));
}
