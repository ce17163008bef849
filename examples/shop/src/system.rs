//! Starts the services, each as a process of its own, and hears what they tell.

use crate::wire::Line;
use std::error::Error;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use traced::data::Span;

/// How long a service may take to begin, and to end: no machine is that slow.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// What runs.
pub(crate) struct System {
    /// Where customers go.
    pub(crate) orders: String,
    services: Vec<Service>,
}

struct Service {
    name: &'static str,
    process: Child,
    told: JoinHandle<Told>,
}

/// What a service has told when it has ended.
pub(crate) struct Told {
    pub(crate) service: &'static str,
    pub(crate) spans: Vec<Span>,
    pub(crate) exported: u64,
    /// By reason.
    pub(crate) dropped: Vec<(String, u64)>,
}

pub(crate) async fn start() -> Result<System, Box<dyn Error>> {
    let (inventory, at_inventory) = Service::start("inventory", &[]).await?;
    let (payment, at_payment) = Service::start("payment", &[]).await?;
    let (shipping, at_shipping) = Service::start("shipping", &[]).await?;
    let peers = [at_inventory, at_payment, at_shipping];
    let (first, orders) = Service::start("orders", &peers).await?;
    Ok(System { orders, services: vec![first, inventory, payment, shipping] })
}

impl System {
    /// Ends them, whoever calls others first, and collects what they told.
    pub(crate) async fn stop(self) -> Result<Vec<Told>, Box<dyn Error>> {
        let mut all = Vec::new();
        for mut service in self.services {
            // The end of its input is the end of a service.
            drop(service.process.stdin.take());
            let status = timeout(PATIENCE, service.process.wait()).await??;
            if !status.success() {
                return Err(format!("{} ended by {status}", service.name).into());
            }
            all.push(service.told.await?);
        }
        Ok(all)
    }
}

impl Service {
    async fn start(name: &'static str, peers: &[String]) -> Result<(Self, String), Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(name)
            .args(peers)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("a service without output")?;
        let mut lines = BufReader::new(output).lines();
        let first = timeout(PATIENCE, lines.next_line()).await??.unwrap_or_default();
        let Line::Listening { address } = serde_json::from_str(&first)? else {
            return Err(format!("{name} did not begin").into());
        };
        let told = tokio::spawn(hear(name, lines));
        Ok((Self { name, process, told }, address.to_string()))
    }
}

async fn hear(service: &'static str, mut lines: Lines<BufReader<ChildStdout>>) -> Told {
    let mut told = Told { service, spans: Vec::new(), exported: 0, dropped: Vec::new() };
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Line::Span(span)) => told.spans.push(span.into_span()),
            Ok(Line::Ended { exported, dropped }) => {
                (told.exported, told.dropped) = (exported, dropped);
            }
            Ok(Line::Listening { .. }) | Err(_) => {}
        }
    }
    told
}
