//! The services that another one calls, over HTTP.

use crate::domain::ShopError;
use reqwest::Response;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde::Serialize;
use traced_reqwest::{Route, Traced};

#[derive(Clone)]
pub(crate) struct Peers {
    client: ClientWithMiddleware,
    pub(crate) inventory: Peer,
    pub(crate) payment: Peer,
    pub(crate) shipping: Peer,
}

#[derive(Clone)]
pub(crate) struct Peer {
    name: &'static str,
    address: String,
}

impl Peers {
    pub(crate) fn at(
        inventory: &str,
        payment: &str,
        shipping: &str,
    ) -> Result<Self, reqwest::Error> {
        // All of them are on this machine.
        let client = reqwest::Client::builder().no_proxy().build()?;
        let peer = |name, address: &str| Peer { name, address: address.to_owned() };
        Ok(Self {
            client: ClientBuilder::new(client).with(Traced::new()).build(),
            inventory: peer("inventory", inventory),
            payment: peer("payment", payment),
            shipping: peer("shipping", shipping),
        })
    }

    /// The span of the request is the middleware's, and so are the headers that carry the trace.
    pub(crate) async fn post(
        &self,
        peer: &Peer,
        path: &'static str,
        body: &impl Serialize,
    ) -> Result<Response, ShopError> {
        let url = format!("http://{}{path}", peer.address);
        let sent = self.client.post(url).json(body).with_extension(Route::new(path)).send().await;
        sent.map_err(|_| ShopError::unavailable(peer.name))
    }
}
