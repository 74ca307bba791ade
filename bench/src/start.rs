//! Time from the start of the program to the first signed answer, and memory when nothing happens.

use std::time::{Duration, Instant};

use crate::client::{Connection, Identity};
use crate::failure::Result;
use crate::process::resident_kb;
use crate::scenario::sts;
use crate::server::Server;
use crate::table::median;
use crate::world::ACCOUNT;
use crate::{Program, screen};

const STARTS: usize = 11;

pub(crate) async fn run(program: &Program) -> Result<()> {
    let path = program.path()?;
    // Made before the clock runs: it is the client's.
    let root = Identity::new(ACCOUNT, "any");
    let (mut times, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let start = Instant::now();
        let server = Server::welkin(&path).await?;
        let mut connection = Connection::open(server.address, &root).await?;
        connection.call(sts::get_caller_identity()).await?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(Duration::from_millis(500)).await;
        idle.push(resident_kb(server.pid) as f64 / 1024.0);
        server.stop().await;
    }
    let (least, most) =
        times.iter().fold((f64::MAX, f64::MIN), |(least, most), time| (least.min(*time), most.max(*time)));
    screen::line(&format!(
        "Cold start to the first signed answer, empty data folder, {STARTS} starts: median {:.1} ms, least {least:.1} ms, most {most:.1} ms.",
        median(times)
    ));
    screen::line(&format!("Resident memory half a second after it: median {:.1} MB.", median(idle)));
    Ok(())
}
