//! Batch Operations: jobs that do one thing to many objects, with the rights of a role.
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | `s3/batch-job` | the newest first, in the job's account and Region | the job: what was asked for, and how far it is |
//! | `s3/batch-task` | job, number | an object of the manifest, and what became of it |
//!
//! | what | where |
//! | --- | --- |
//! | what a job is asked to do | [`create`], [`manifest`], [`operation`], [`generator`] |
//! | which job has its turn, and one step of it | [`turn`] |
//! | the manifest becomes tasks | [`prepare`] (files), [`generate`] (a search) |
//! | tasks are done | [`perform`] |
//! | the completion report | [`report`] |
//! | jobs that nobody confirms, and jobs that ended long ago | [`expiry`] |
//!
//! The jobs of an account in a Region have their turns by priority, a step at a time. A step is one transaction: the
//! calls of its tasks, their outcomes and the progress of the job commit together, so a task whose step was broken off
//! has not happened and is done again, and none is reported twice.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops.html>

pub(crate) mod create;
mod csv;
pub(crate) mod describe;
pub(crate) mod expiry;
mod file;
mod generate;
pub(super) mod generator;
mod inventory;
mod job;
mod manifest;
mod operation;
mod perform;
mod prepare;
mod report;
pub(crate) mod tagging;
mod task;
pub(crate) mod turn;
pub(crate) mod update;

/// The service as a principal: roles of jobs must trust it.
pub(crate) const PRINCIPAL: &str = "batchoperations.s3.amazonaws.com";
