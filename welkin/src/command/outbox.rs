//! `welkin outbox`: what services have sent to people and devices.

use clap::Args;
use http::Method;
use serde_json::{Value as Json, json};

use super::operate::{get, text};
use super::{Target, block_on};
use crate::fault::Fault;
use crate::{admin_client, screen};

/// List the mail, text messages and push notifications that services have sent; show or answer one of them.
#[derive(Args, Debug)]
pub(crate) struct Outbox {
    /// Show the message with this id
    id: Option<String>,
    /// List only those to this address, telephone number or endpoint
    #[arg(long, conflicts_with = "id")]
    to: Option<String>,
    /// Answer the message in place of its receiver, e.g. STOP to a text message
    #[arg(long, requires = "id", value_name = "TEXT")]
    answer: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Outbox {
    pub(crate) fn run(self) -> Result<(), Fault> {
        match (&self.id, &self.answer) {
            (Some(id), Some(answer)) => self.reply(id, answer),
            (Some(id), None) => self.show(id),
            (None, _) => self.list(),
        }
    }

    fn list(&self) -> Result<(), Fault> {
        let all = get(&self.target, "outbox")?;
        let to = self.to.as_deref();
        let chosen = all.as_array().into_iter().flatten().filter(|one| to.is_none_or(|to| text(one, "to") == to));
        if self.target.json {
            screen::line(&chosen.cloned().collect::<Json>().to_string());
            return Ok(());
        }
        let columns = ["sent", "id", "to"];
        let rows: Vec<Vec<String>> = chosen
            .map(|one| {
                let mut row: Vec<String> = columns.iter().map(|column| text(one, column).to_owned()).collect();
                // Text messages have no subject.
                let said = [text(one, "subject"), text(one, "text")].into_iter().find(|said| !said.is_empty());
                row.push(said.and_then(|said| said.lines().next()).unwrap_or_default().chars().take(60).collect());
                row
            })
            .collect();
        screen::table(&["SENT", "ID", "TO", "SUBJECT"], &rows);
        Ok(())
    }

    fn show(&self, id: &str) -> Result<(), Fault> {
        let message = get(&self.target, &format!("outbox/{id}"))?;
        if self.target.json {
            screen::line(&message.to_string());
            return Ok(());
        }
        for (name, member) in [("Sent", "sent"), ("To", "to"), ("Subject", "subject")] {
            screen::line(&format!("{name}: {}", text(&message, member)));
        }
        screen::line(&format!("\n{}", text(&message, "text")));
        Ok(())
    }

    fn reply(&self, id: &str, answer: &str) -> Result<(), Fault> {
        let body = json!({ "text": answer });
        let path = format!("outbox/{id}/answer");
        let answered = block_on(admin_client::json(&self.target, Method::POST, &path, Some(body)))?;
        screen::line(&if self.target.json { answered.to_string() } else { "answered".to_owned() });
        Ok(())
    }
}
