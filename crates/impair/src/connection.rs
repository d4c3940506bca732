//! One proxied connection: its two pumps, and the driver that changes what the line is like and ends it.

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::pump::{Phase, Progress, Pump, Queue};
use crate::shaper::Shaper;
use crate::{Change, Plan, Step, When};

/// How long the ends of a finished connection may take to say goodbye themselves.
const LINGER: Duration = Duration::from_secs(10);

/// What one connection needs to know.
pub(crate) struct Connection {
    pub(crate) plan: Plan,
    /// Counted from 0.
    pub(crate) number: u64,
    /// Changes for every connection, on the spot.
    pub(crate) changes: broadcast::Receiver<Change>,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Finish,
    Reset,
    HalfOpen,
}

impl Connection {
    /// Carries bytes between the ends until the plan or the ends have it over.
    pub(crate) async fn run(mut self, mut client: TcpStream, mut server: TcpStream) -> io::Result<()> {
        let began = Instant::now();
        let (phase, watched) = watch::channel(Phase::default());
        let (up, down) = (Progress::default(), Progress::default());
        let pump = |progress, is_upstream| Pump {
            shaper: Shaper::new(self.plan.rng(self.number, is_upstream)),
            phase: watched.clone(),
            progress,
            is_upstream,
            began,
            queue: Queue::default(),
        };
        let (pump_up, pump_down) = (pump(&up, true), pump(&down, false));
        let steps = self.plan.steps(self.number);
        let ending = {
            let (client_reader, client_writer) = client.split();
            let (server_reader, server_writer) = server.split();
            let carried = async {
                tokio::try_join!(
                    pump_up.run(client_reader, server_writer),
                    pump_down.run(server_reader, client_writer)
                )
            };
            tokio::select! {
                biased;
                ending = drive(&steps, began, &phase, &up, &mut self.changes) => Some(ending),
                // An end that broke is broken for the other one too.
                carried = carried => carried.is_err().then_some(Ending::Reset),
            }
        };
        match ending {
            None => Ok(()),
            Some(Ending::Finish) => {
                tokio::join!(finish(client), finish(server));
                Ok(())
            }
            Some(Ending::Reset) => {
                client.set_zero_linger()?;
                server.set_zero_linger()
            }
            Some(Ending::HalfOpen) => {
                client.set_zero_linger()?;
                drop(client);
                // Held until the server gives up or the proxy ends. What it says goes nowhere.
                drain(&mut server).await;
                Ok(())
            }
        }
    }
}

/// Takes the steps of the plan and the changes from outside, until one of them ends the connection.
async fn drive(
    steps: &[Step],
    began: Instant,
    phase: &watch::Sender<Phase>,
    up: &Progress,
    changes: &mut broadcast::Receiver<Change>,
) -> Ending {
    let mut steps = steps.iter();
    let mut next = steps.next();
    loop {
        let gate = match next.map(|step| step.when) {
            Some(When::Sent(bytes)) => bytes,
            _ => u64::MAX,
        };
        phase.send_if_modified(|phase| std::mem::replace(&mut phase.gate, gate) != gate);
        let change = tokio::select! {
            () = due(next, began, up) => {
                let change = next.map(|step| step.change);
                next = steps.next();
                change
            }
            change = received(changes) => Some(change),
        };
        match change {
            None => {}
            Some(Change::Line(line)) => {
                phase.send_modify(|phase| (phase.line, phase.is_silent) = (line, false));
            }
            Some(Change::Silence) => phase.send_modify(|phase| phase.is_silent = true),
            Some(Change::Finish) => return Ending::Finish,
            Some(Change::Reset) => return Ending::Reset,
            Some(Change::HalfOpen) => return Ending::HalfOpen,
        }
    }
}

/// Waits for a step's moment; for ever without one.
async fn due(step: Option<&Step>, began: Instant, up: &Progress) {
    match step.map(|step| step.when) {
        None => std::future::pending().await,
        Some(When::After(wait)) => sleep_until(began + wait).await,
        Some(When::Sent(bytes)) => up.reached(bytes).await,
    }
}

async fn received(changes: &mut broadcast::Receiver<Change>) -> Change {
    loop {
        match changes.recv().await {
            Ok(change) => return change,
            // More changes at once than anybody could have meant one by one; the newest follow.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Ends a connection in good order: closing a socket with unread bytes would reset it.
async fn finish(mut socket: TcpStream) {
    if tokio::io::AsyncWriteExt::shutdown(&mut socket).await.is_ok() {
        let _ = timeout(LINGER, drain(&mut socket)).await;
    }
}

async fn drain(socket: &mut TcpStream) {
    let mut buffer = vec![0; 16 * 1024];
    while matches!(socket.read(&mut buffer).await, Ok(count) if count > 0) {}
}
