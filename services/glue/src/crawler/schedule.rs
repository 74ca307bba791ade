//! Schedules of crawlers.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Job, Operation, Place, Result, Timestamp};
use welkin_schedules::Cron;

use super::{Crawler, Schedule, event, start};
use crate::errors::{NoScheduleException, SchedulerNotRunningException, SchedulerRunningException, invalid};

/// Seconds between two runs at least: "Cron expressions that lead to rates faster than 5 minutes are not supported."
const CLOSEST: i64 = 5 * 60;

/// So many times of a schedule are looked at: those of a day.
const LOOKED_AT: usize = 288;

/// Reads `cron(0 12 * * ? *)`.
///
/// # Errors
/// `InvalidInputException`
// UNVERIFIED: the wordings.
fn parse(expression: &str, now: Timestamp) -> Result<Cron> {
    let inside = expression.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
    let cron = inside.and_then(|fields| fields.parse::<Cron>().ok());
    let cron = cron.ok_or_else(|| invalid(format!("Schedule {expression} is invalid: it is no cron expression.")))?;
    let mut last = now.secs();
    for n in 0..LOOKED_AT {
        let Some(next) = cron.next(last) else { break };
        if n > 0 && next - last < CLOSEST {
            let message = format!("Schedule {expression} is invalid: it is faster than 5 minutes.");
            return Err(invalid(message));
        }
        last = next;
    }
    Ok(cron)
}

fn job_id(place: Place, crawler: &str) -> String {
    format!("{}/{}/{}/{crawler}", Tick::NAME, place.account, place.region)
}

/// Gives a crawler a schedule, which runs at once, or takes it away. The crawler is not stored.
///
/// # Errors
/// `InvalidInputException`
pub(super) async fn set(cx: &mut Cx, crawler: &mut Crawler, expression: Option<&str>) -> Result<()> {
    let Some(expression) = expression.filter(|expression| !expression.is_empty()) else {
        crawler.schedule = None;
        let place = cx.here();
        return cx.cancel(&job_id(place, &crawler.name)).await.map(drop);
    };
    let cron = parse(expression, cx.now())?;
    crawler.schedule = Some(Schedule { expression: expression.to_owned(), running: true });
    plan(cx, &crawler.name, &cron).await
}

/// Plans the next run.
async fn plan(cx: &mut Cx, crawler: &str, cron: &Cron) -> Result<()> {
    let (place, now) = (cx.here(), cx.now());
    let Some(next) = cron.next(now.secs()) else { return Ok(()) };
    let schedule = welkin_kernel::Schedule::at(Timestamp::from_secs(next)).id(job_id(place, crawler));
    cx.enqueue(&Tick { crawler: crawler.to_owned() }, schedule).await.map(drop)
}

/// The time of a schedule has come.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tick {
    crawler: String,
}

impl Job for Tick {
    const NAME: &'static str = "glue/crawler-schedule";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(crawler) = cx.get::<Crawler>(cx.here(), self.crawler.as_str()).await? else { return Ok(()) };
        let Some(schedule) = crawler.schedule.clone().filter(|schedule| schedule.running) else { return Ok(()) };
        match start::start(cx, crawler).await {
            Ok(()) => {}
            Err(error) => match error.answer() {
                Some(answer) => event::not_invoked(cx, &self.crawler, &answer.message.clone()).await?,
                None => return Err(error),
            },
        }
        // A schedule was one when it was set.
        let Ok(cron) = parse(&schedule.expression, cx.now()) else { return Ok(()) };
        plan(cx, &self.crawler, &cron).await
    }
}

/// Gives a crawler another schedule.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateCrawlerSchedule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateCrawlerSchedule {
    crawler_name: String,
    schedule: Option<String>,
}

impl Operation for UpdateCrawlerSchedule {
    const NAME: &'static str = "UpdateCrawlerSchedule";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:UpdateCrawlerSchedule"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut crawler = super::get_one(cx, &self.crawler_name).await?;
        set(cx, &mut crawler, self.schedule.as_deref()).await?;
        cx.put(cx.here(), &crawler).await?;
        Ok(Empty {})
    }
}

/// Has the schedule of a crawler run again.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawlerSchedule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartCrawlerSchedule {
    crawler_name: String,
}

impl Operation for StartCrawlerSchedule {
    const NAME: &'static str = "StartCrawlerSchedule";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:StartCrawlerSchedule"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut crawler = super::get_one(cx, &self.crawler_name).await?;
        let expression = match &crawler.schedule {
            Some(schedule) if schedule.running => return Err(SchedulerRunningException.into()),
            Some(schedule) => schedule.expression.clone(),
            None => return Err(NoScheduleException.into()),
        };
        set(cx, &mut crawler, Some(&expression)).await?;
        cx.put(cx.here(), &crawler).await?;
        Ok(Empty {})
    }
}

/// Has the schedule of a crawler rest. A run that is under way goes on.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_StopCrawlerSchedule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopCrawlerSchedule {
    crawler_name: String,
}

impl Operation for StopCrawlerSchedule {
    const NAME: &'static str = "StopCrawlerSchedule";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:StopCrawlerSchedule"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut crawler = super::get_one(cx, &self.crawler_name).await?;
        match &mut crawler.schedule {
            Some(schedule) if schedule.running => schedule.running = false,
            _ => return Err(SchedulerNotRunningException.into()),
        }
        let place = cx.here();
        cx.cancel(&job_id(place, &self.crawler_name)).await?;
        cx.put(place, &crawler).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_cron_expressions_that_leave_five_minutes() {
        let now = Timestamp::from_secs(1_704_499_200);
        for good in ["cron(0 12 * * ? *)", "cron(0/5 * * * ? *)", "cron(0 0 1 1 ? 2199)"] {
            assert!(parse(good, now).is_ok(), "{good}");
        }
        for bad in
            ["cron(* * * * ? *)", "cron(0,2 12 * * ? *)", "cron(0/4 8 * * ? *)", "rate(5 minutes)", "0 12 * * ? *"]
        {
            assert!(parse(bad, now).is_err(), "{bad}");
        }
    }
}
