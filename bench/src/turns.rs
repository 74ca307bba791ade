//! The same call by several callers of one server, in turns: what one of them costs more than another.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;

use crate::client::{Answer, Identity, Spec};
use crate::failure::{Failure, Result};
use crate::load::{self, Slice, Work};
use crate::screen;
use crate::server::Server;
use crate::table::median;

/// How the callers take their turns
#[derive(Args, Clone, Debug)]
pub(crate) struct Turns {
    /// How often every caller has its turn
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Length of a turn in milliseconds
    #[arg(long, default_value_t = 500)]
    slice: u64,
    /// Connections
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Only the caller with this in its name, e.g. under a profiler
    #[arg(long, default_value = "")]
    only: String,
}

/// Somebody who calls.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) identity: Arc<Identity>,
    pub(crate) account: String,
}

/// What is called, and whether it is answered rightly.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) spec: fn(&Caller) -> Spec,
    pub(crate) right: fn(&Caller, &str) -> bool,
}

/// One caller's calls.
struct Calls {
    caller: Caller,
    call: Call,
    next: Arc<AtomicU64>,
}

impl Work for Calls {
    fn caller(&self) -> (SocketAddr, &Arc<Identity>) {
        (self.caller.address, &self.caller.identity)
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn spec(&self, _: u64) -> Option<Spec> {
        Some((self.call.spec)(&self.caller))
    }

    fn check(&self, _: u64, answer: &Answer) -> Result<()> {
        let text = answer.text();
        if answer.status == 200 && (self.call.right)(&self.caller, &text) { Ok(()) } else { Err(text.into()) }
    }
}

impl Turns {
    /// One short turn for each: enough to see that every answer is right.
    pub(crate) fn smoke() -> Self {
        Self { rounds: 1, slice: 20, connections: 1, only: String::new() }
    }

    /// Has the callers make each call in turns, and prints what it took, and took more than the first caller's.
    ///
    /// # Errors
    /// When an answer is not right.
    pub(crate) async fn run(&self, server: &Server, callers: Vec<Caller>, calls: &[Call]) -> Result<()> {
        let chosen: Vec<_> = callers.into_iter().filter(|caller| caller.name.contains(&self.only)).collect();
        screen::line("| operation | caller | answers/s | p50 µs | server CPU µs/answer | p50 ÷ first | CPU ÷ first |");
        screen::line("|---|---|---:|---:|---:|---:|---:|");
        let next = Arc::new(AtomicU64::new(1));
        for call in calls {
            let works: Vec<_> = chosen
                .iter()
                .map(|caller| Arc::new(Calls { caller: caller.clone(), call: *call, next: Arc::clone(&next) }))
                .collect();
            self.measure(server, &works).await?;
        }
        Ok(())
    }

    async fn measure(&self, server: &Server, works: &[Arc<Calls>]) -> Result<()> {
        let mut slices: Vec<Vec<Slice>> = vec![Vec::new(); works.len()];
        for round in 0..=self.rounds {
            for (work, slices) in works.iter().zip(&mut slices) {
                let time = Duration::from_millis(self.slice);
                let slice = load::run_work(work, server.pid, self.connections, time).await?;
                if let Some(failure) = slice.first_failure {
                    return Err(Failure::at(work.caller.name, failure));
                }
                // The first round fills the caches.
                if round > 0 {
                    slices.push(slice);
                }
            }
        }
        for (work, own) in works.iter().zip(&slices) {
            let of = |figure: fn(&Slice) -> f64| median(own.iter().map(figure));
            let ratio = |figure: fn(&Slice) -> f64| {
                let first = slices.first().into_iter().flatten();
                median(own.iter().zip(first).map(|(own, first)| figure(own) / figure(first)))
            };
            let p50: fn(&Slice) -> f64 = |slice| slice.percentile(0.5);
            screen::line(&format!(
                "| {} | {} | {:.0} | {:.0} | {:.1} | {:.2} | {:.2} |",
                work.call.name,
                work.caller.name,
                of(Slice::rate),
                of(p50),
                of(Slice::cpu_micros),
                ratio(p50),
                ratio(Slice::cpu_micros)
            ));
        }
        Ok(())
    }
}
