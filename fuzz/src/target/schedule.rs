//! Schedule expressions: parsed, and asked for the times that follow one another.

use welkin_schedules::Schedule;

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Schedules;

const EXPRESSIONS: &[&str] = &[
    "rate(5 minutes)",
    "rate(1 day)",
    "at(2030-01-31T12:00:00)",
    "cron(0/15 8-17 ? * MON-FRI *)",
    "cron(0 12 L 2 ? 2024-2030)",
    "cron(30 6 15W JUN,DEC ? *)",
    "cron(0 0 ? * 2#1,6L *)",
    "cron(*/7 20-2 1,31 * ? *)",
];

impl Target for Schedules {
    fn seed(&self, chance: &mut Chance) -> Seed {
        chance.pick(EXPRESSIONS).as_bytes().to_vec().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let schedule: Schedule = String::from_utf8_lossy(input).parse().map_err(|_| "not a schedule".to_owned())?;
        let mut last = 1_704_499_200;
        for _ in 0..3 {
            let Some(next) = schedule.next(last, 1_704_400_000) else { break };
            assert!(next > last, "times go on");
            last = next;
        }
        Ok(())
    }
}
