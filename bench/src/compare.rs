//! Slices of load on one server after the other, again and again, so that whatever else the machine does meets all of
//! them alike.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::canned::Canned;
use crate::client::Answer;
use crate::failure::{Failure, Result};
use crate::load::{self, Slice};
use crate::scenario::Scenario;
use crate::server::Server;
use crate::world::World;
use crate::{Program, screen, table};

#[derive(Args, Clone, Debug)]
pub(crate) struct Compare {
    #[command(flatten)]
    pub(crate) program: Program,
    /// moto's server, to be run beside
    #[arg(long, value_name = "FILE")]
    pub(crate) moto: Option<PathBuf>,
    /// How often every server has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a turn in milliseconds
    #[arg(long, default_value_t = 1000)]
    slice: u64,
    /// Numbers of connections
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<usize>,
    /// Only operations with this in their name
    #[arg(long, default_value = "")]
    only: String,
}

/// A server with what the load works on.
pub(crate) struct Target {
    pub(crate) server: Server,
    pub(crate) world: Arc<World>,
}

impl Target {
    pub(crate) async fn welkin(program: &Program) -> Result<Self> {
        Self::of(Server::welkin(&program.path()?).await?).await
    }

    pub(crate) async fn of(server: Server) -> Result<Self> {
        let world = Arc::new(World::make(server.address).await?);
        Ok(Self { server, world })
    }

    /// A bare server that answers as `answer`, and is asked as this target.
    pub(crate) async fn bare(&self, answer: Answer, receipt: Option<String>) -> Result<Self> {
        let answer = Canned { status: answer.status, headers: answer.headers, body: answer.body };
        let server = Server::bare(&answer, None).await?;
        let world = Arc::new(self.world.canned(server.address, receipt));
        Ok(Self { server, world })
    }
}

impl Compare {
    pub(crate) async fn run(&self) -> Result<()> {
        let welkin = Target::welkin(&self.program).await?;
        let moto = match &self.moto {
            Some(program) => Some(Target::of(Server::moto(program).await?).await?),
            None => None,
        };
        let mut wrong = 0;
        screen::line(&table::head());
        for connections in &self.connections {
            for scenario in Scenario::ALL {
                if scenario.name().contains(&self.only) || self.needs_sent(scenario) {
                    wrong += self.scenario(scenario, *connections, &welkin, moto.as_ref()).await?;
                }
            }
        }
        screen::line("");
        welkin.server.stop().await;
        if wrong == 0 { Ok(()) } else { Err(format!("Welkin gave {wrong} wrong answers").into()) }
    }

    /// Messages cannot be received or deleted that were not sent.
    fn needs_sent(&self, scenario: Scenario) -> bool {
        let place = |name: &str| Scenario::ALL.iter().position(|scenario| scenario.name().contains(name));
        let messages = [Scenario::SendMessage, Scenario::ReceiveMessage, Scenario::DeleteMessage];
        let wanted = messages.iter().rposition(|scenario| scenario.name().contains(&self.only));
        let own = messages.iter().position(|message| *message == scenario);
        !self.only.is_empty() && place(&self.only).is_some() && own.zip(wanted).is_some_and(|(own, last)| own < last)
    }

    /// All turns of one scenario. Gives how many of Welkin's answers were wrong.
    async fn scenario(
        &self,
        scenario: Scenario,
        connections: usize,
        welkin: &Target,
        moto: Option<&Target>,
    ) -> Result<u64> {
        let bare = bare(scenario, welkin).await?;
        let targets: Vec<&Target> = [Some(&bare), Some(welkin), moto].into_iter().flatten().collect();
        let mut slices: Vec<Vec<Slice>> = vec![Vec::new(); targets.len()];
        for _ in 0..self.rounds {
            for (target, slices) in targets.iter().zip(&mut slices) {
                let time = Duration::from_millis(self.slice);
                let slice = load::run(&target.world, target.server.pid, scenario, connections, time);
                slices.push(slice.await.map_err(|error| Failure::at(scenario.name(), error))?);
            }
        }
        for slices in &slices {
            if let Some(failure) = slices.iter().find_map(|slice| slice.first_failure.as_ref()) {
                let failed: u64 = slices.iter().map(|slice| slice.failed).sum();
                screen::note(&format!("{}: {failed} wrong answers, the first: {failure}", scenario.name()));
            }
        }
        screen::line(&table::row(scenario, connections, &slices));
        bare.server.stop().await;
        Ok(slices.get(1).map_or(0, |slices| slices.iter().map(|slice| slice.failed).sum()))
    }
}

/// A bare server with Welkin's own answer.
async fn bare(scenario: Scenario, welkin: &Target) -> Result<Target> {
    if scenario == Scenario::ReceiveMessage || scenario == Scenario::DeleteMessage {
        welkin.world.once(Scenario::SendMessage).await?;
    }
    let mut receipt = None;
    if scenario == Scenario::DeleteMessage {
        welkin.world.once(Scenario::ReceiveMessage).await?;
        receipt = welkin.world.take_receipt();
        welkin.world.put_receipts(receipt.clone());
    }
    let answer = welkin.world.once(scenario).await?;
    welkin.bare(answer, receipt).await
}

/// Calls every operation and checks what it answers.
pub(crate) async fn smoke(program: &Program) -> Result<()> {
    let welkin = Target::welkin(program).await?;
    for connections in [1, 4] {
        for scenario in Scenario::ALL {
            let bare = bare(scenario, &welkin).await?;
            for target in [&bare, &welkin] {
                let time = Duration::from_millis(50);
                let slice = load::run(&target.world, target.server.pid, scenario, connections, time).await?;
                if let Some(failure) = slice.first_failure {
                    return Err(Failure::at(scenario.name(), failure));
                }
                if slice.latencies.is_empty() {
                    return Err(Failure::at(scenario.name(), "nothing was answered"));
                }
            }
            bare.server.stop().await;
            screen::line(&format!("{}, {connections} connections: every answer right", scenario.name()));
        }
    }
    crate::stream::smoke(&welkin).await?;
    welkin.server.stop().await;
    Ok(())
}

/// Which operation to load, how long.
#[derive(Args, Clone, Debug)]
pub(crate) struct Hold {
    #[command(flatten)]
    program: Program,
    /// Part of its name, e.g. 'GetObject 1 KB'
    operation: String,
    /// Seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

impl Hold {
    pub(crate) async fn run(self) -> Result<()> {
        let found = Scenario::ALL.into_iter().find(|scenario| scenario.name().contains(&self.operation));
        let scenario = found.ok_or("there is no such operation")?;
        let welkin = Target::welkin(&self.program).await?;
        screen::note(&format!("process {} is under {}", welkin.server.pid, scenario.name()));
        let time = Duration::from_secs(self.seconds);
        let slice = load::run(&welkin.world, welkin.server.pid, scenario, self.connections, time).await?;
        screen::line(&format!(
            "{:.0} a second, {:.1} µs of the server's processor each, p50 {:.0} µs, p99 {:.0} µs, {} wrong {}",
            slice.rate(),
            slice.cpu_micros(),
            slice.percentile(0.5),
            slice.percentile(0.99),
            slice.failed,
            slice.first_failure.unwrap_or_default()
        ));
        welkin.server.stop().await;
        Ok(())
    }
}
