//! A closed loop: every connection sends its next request when the answer to the last has come.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{Answer, Connection, Identity, Spec};
use crate::failure::Result;
use crate::process::cpu_seconds;
use crate::scenario::Scenario;
use crate::world::World;

/// How one slice of load went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    /// Time from a signed request to the last byte of its answer, in nanoseconds, sorted.
    pub(crate) latencies: Vec<u64>,
    /// Time the slice took, in seconds.
    pub(crate) seconds: f64,
    /// Processor time the server took meanwhile, in seconds.
    pub(crate) cpu: f64,
    /// Answers that were not right.
    pub(crate) failed: u64,
    /// What was wrong with the first of them.
    pub(crate) first_failure: Option<String>,
}

impl Slice {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }

    /// Right answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// Processor time of the server for a right answer, in microseconds.
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu * 1e6 / (self.latencies.len().max(1)) as f64
    }

    /// The latency that this share of the answers did not exceed, in microseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies.get(index).map_or(f64::NAN, |nanos| *nanos as f64 / 1e3)
    }
}

/// What a load consists of.
pub(crate) trait Work: Send + Sync + 'static {
    /// Where it goes, and who signs.
    fn caller(&self) -> (SocketAddr, &Arc<Identity>);

    /// A number that no request had before.
    fn number(&self) -> u64;

    /// The request of that number; none if there is nothing left to work on.
    fn spec(&self, number: u64) -> Option<Spec>;

    /// Whether the answer is what the request asked for.
    ///
    /// # Errors
    /// With what is wrong about it.
    fn check(&self, number: u64, answer: &Answer) -> Result<()>;
}

impl Work for (Arc<World>, Scenario) {
    fn caller(&self) -> (SocketAddr, &Arc<Identity>) {
        (self.0.address, &self.0.identity)
    }

    fn number(&self) -> u64 {
        self.0.number()
    }

    fn spec(&self, number: u64) -> Option<Spec> {
        self.1.spec(&self.0, number)
    }

    fn check(&self, number: u64, answer: &Answer) -> Result<()> {
        self.1.check(&self.0, number, answer)
    }
}

/// Loads a server with a scenario for `time`, or until it has nothing left to work on.
pub(crate) async fn run(
    world: &Arc<World>,
    pid: u32,
    scenario: Scenario,
    connections: usize,
    time: Duration,
) -> Result<Slice> {
    run_work(&Arc::new((Arc::clone(world), scenario)), pid, connections, time).await
}

/// Loads a server for `time`, or until there is nothing left to work on.
pub(crate) async fn run_work<W: Work>(work: &Arc<W>, pid: u32, connections: usize, time: Duration) -> Result<Slice> {
    let (address, identity) = work.caller();
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(address, identity).await?);
    }
    let (cpu, start) = (cpu_seconds(pid), Instant::now());
    let until = start + time;
    let workers: Vec<_> =
        opened.into_iter().map(|connection| tokio::spawn(loop_until(Arc::clone(work), connection, until))).collect();
    let mut slice = Slice::default();
    for worker in workers {
        slice.add(worker.await.map_err(crate::failure::Failure::of)??);
    }
    slice.seconds = start.elapsed().as_secs_f64();
    slice.cpu = cpu_seconds(pid) - cpu;
    slice.latencies.sort_unstable();
    Ok(slice)
}

async fn loop_until<W: Work>(work: Arc<W>, mut connection: Connection, until: Instant) -> Result<Slice> {
    let mut slice = Slice::default();
    while Instant::now() < until {
        let number = work.number();
        let Some(spec) = work.spec(number) else { break };
        let request = connection.sign(spec, number)?;
        let start = Instant::now();
        let answer = connection.send(request).await?;
        let nanos = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        match work.check(number, &answer) {
            Ok(()) => slice.latencies.push(nanos),
            Err(error) => {
                slice.failed += 1;
                slice.first_failure.get_or_insert_with(|| error.to_string());
            }
        }
    }
    Ok(slice)
}
