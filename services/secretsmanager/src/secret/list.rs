//! `ListSecrets`, and the filters that choose secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp, page};

use super::{Secret, describe};
use crate::errors::{InvalidNextTokenException, invalid};
use crate::tags::{Tag, shown};

/// Secrets of an answer, unless it is said otherwise.
const PAGE: usize = 100;

/// What secrets are to have.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter {
    key: Option<String>,
    values: Option<Vec<String>>,
}

impl Filter {
    /// Whether a secret has one of the values: as the beginning of a text, or, after `!`, not so.
    ///
    /// # Errors
    /// `InvalidParameterException`
    fn fits(&self, secret: &Secret) -> Result<bool> {
        let values = self.values.as_deref().unwrap_or_default();
        let key = self.key.as_deref().ok_or_else(|| invalid("A filter needs a Key."))?;
        if values.is_empty() {
            return Err(invalid("A filter needs Values."));
        }
        let name = || vec![secret.name.as_str()];
        let description = || secret.description.as_deref().into_iter().collect::<Vec<_>>();
        let tag_keys = || secret.tags.keys().map(String::as_str).collect::<Vec<_>>();
        let tag_values = || secret.tags.values().map(String::as_str).collect::<Vec<_>>();
        let texts = match key {
            "name" => name(),
            "description" => description(),
            "tag-key" => tag_keys(),
            "tag-value" => tag_values(),
            "primary-region" => vec![secret.primary.name()],
            // No service of Welkin's owns secrets.
            "owning-service" => Vec::new(),
            "all" => {
                return Ok(values.iter().any(|value| {
                    let texts = [name(), description(), tag_keys(), tag_values(), vec![secret.primary.name()]].concat();
                    // Of everything, upper and lower case are the same, and the words of the value are looked for one by one.
                    value.to_lowercase().split_whitespace().all(|word| {
                        texts.iter().any(|text| text.to_lowercase().split_whitespace().any(|it| it.starts_with(word)))
                    })
                }));
            }
            other => return Err(invalid(format!("{other} is no key of filters."))),
        };
        let begins = |value: &str| texts.iter().any(|text| text.starts_with(value));
        Ok(values.iter().any(|value| match value.strip_prefix('!') {
            Some(not) => !begins(not),
            None => begins(value),
        }))
    }
}

/// The secrets of the place that all of the filters choose, in the order of their names.
///
/// # Errors
/// `InvalidParameterException`
pub(crate) async fn all(cx: &mut Cx, filters: &[Filter]) -> Result<Vec<Secret>> {
    let here = cx.here();
    let mut chosen = Vec::new();
    for secret in cx.list::<Secret>(here, (), Page::ALL).await? {
        let mut fits = true;
        for filter in filters {
            fits &= filter.fits(&secret)?;
        }
        if fits {
            chosen.push(secret);
        }
    }
    Ok(chosen)
}

/// Lists the secrets of the account and Region.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSecrets {
    include_planned_deletion: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
    filters: Option<Vec<Filter>>,
    sort_order: Option<String>,
    sort_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSecretsResponse {
    secret_list: Vec<Entry>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    description: Option<String>,
    kms_key_id: Option<String>,
    last_changed_date: Timestamp,
    last_accessed_date: Option<Timestamp>,
    deleted_date: Option<Timestamp>,
    tags: Option<Vec<Tag>>,
    secret_versions_to_stages: BTreeMap<String, Vec<String>>,
    created_date: Timestamp,
    primary_region: Option<String>,
}

impl Operation for ListSecrets {
    const NAME: &'static str = "ListSecrets";
    type Output = ListSecretsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("secretsmanager:ListSecrets"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSecretsResponse> {
        let here = cx.here();
        let mut secrets = all(cx, self.filters.as_deref().unwrap_or_default()).await?;
        secrets.retain(|secret| self.include_planned_deletion.unwrap_or(false) || secret.deletion.is_none());
        match self.sort_by.as_deref() {
            Some("name") => {}
            Some("last-changed-date") => secrets.sort_by_key(|secret| secret.changed),
            Some("last-accessed-date") => secrets.sort_by_key(|secret| secret.accessed),
            _ => secrets.sort_by_key(|secret| secret.created),
        }
        if self.sort_order.as_deref() == Some("desc") {
            secrets.reverse();
        }
        // The next page begins after the secret with which this one ends, wherever it comes in this order.
        let after = page::read::<String>(self.next_token.as_deref(), || InvalidNextTokenException.into())?;
        if let Some(at) = after.and_then(|after| secrets.iter().position(|secret| secret.name == after)) {
            secrets.drain(..=at);
        }
        let size = self.max_results.unwrap_or(PAGE);
        let more = secrets.len() > size;
        secrets.truncate(size);
        let next_token = secrets.last().filter(|_| more).map(|last| page::token(&last.name)).transpose()?;
        let secret_list = secrets.into_iter().map(|secret| {
            let is_replicated = secret.replica_of.is_some() || !secret.replicas.is_empty();
            Entry {
                arn: secret.arn(here).to_string(),
                secret_versions_to_stages: describe::stages(&secret),
                primary_region: is_replicated.then(|| secret.primary.name().to_owned()),
                name: secret.name,
                description: secret.description,
                kms_key_id: secret.kms_key,
                last_changed_date: secret.changed,
                last_accessed_date: secret.accessed,
                deleted_date: secret.deletion.map(|(marked, _)| marked),
                tags: Some(shown(secret.tags)).filter(|tags| !tags.is_empty()),
                created_date: secret.created,
            }
        });
        Ok(ListSecretsResponse { secret_list: secret_list.collect(), next_token })
    }
}
