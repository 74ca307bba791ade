//! `BatchGetSecretValue`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Call, Cx, Operation, Result, Timestamp, page};

use super::get::GetSecretValueResponse;
use crate::errors::{InvalidNextTokenException, invalid};
use crate::secret::Secret;
use crate::secret::list::{Filter, all};

/// Values of an answer, unless it is said otherwise.
const PAGE: usize = 20;

/// Reads the values of several secrets: those that are named, or that filters choose.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetSecretValue {
    secret_id_list: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetSecretValueResponse {
    secret_values: Vec<SecretValueEntry>,
    next_token: Option<String>,
    errors: Vec<ApiError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretValueEntry {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    secret_binary: Option<Bytes>,
    secret_string: Option<String>,
    version_stages: Vec<String>,
    created_date: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiError {
    secret_id: String,
    error_code: String,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Asked<'a> {
    secret_id: &'a str,
}

impl Operation for BatchGetSecretValue {
    const NAME: &'static str = "BatchGetSecretValue";
    type Output = BatchGetSecretValueResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        let access = Access::to("secretsmanager:BatchGetSecretValue");
        Ok(if self.filters.is_some() { access.and(Access::to("secretsmanager:ListSecrets")) } else { access })
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchGetSecretValueResponse> {
        let (ids, next_token) = self.ids(cx).await?;
        let (mut secret_values, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            // Each by the operation for one, so that its own permission applies.
            let call = Call::to("secretsmanager", "GetSecretValue").input(&Asked { secret_id: &id });
            match cx.call(call).await {
                Ok(answered) => {
                    let value: GetSecretValueResponse = answered.output()?;
                    secret_values.push(SecretValueEntry {
                        arn: value.arn,
                        name: value.name,
                        version_id: value.version_id,
                        secret_binary: value.secret_binary,
                        secret_string: value.secret_string,
                        version_stages: value.version_stages,
                        created_date: value.created_date,
                    });
                }
                Err(error) => match error.answer() {
                    Some(answer) => errors.push(ApiError {
                        secret_id: id,
                        error_code: answer.code.to_string(),
                        message: answer.message.clone(),
                    }),
                    None => return Err(error),
                },
            }
        }
        Ok(BatchGetSecretValueResponse { secret_values, next_token, errors })
    }
}

impl BatchGetSecretValue {
    async fn ids(&self, cx: &mut Cx) -> Result<(Vec<String>, Option<String>)> {
        match (&self.secret_id_list, &self.filters) {
            (Some(_), Some(_)) | (None, None) => {
                Err(invalid("You must provide either SecretIdList or Filters, and not both."))
            }
            (Some(ids), None) if self.max_results.is_none() && self.next_token.is_none() => Ok((ids.clone(), None)),
            (Some(_), None) => Err(invalid("You can't use MaxResults or NextToken with SecretIdList.")),
            (None, Some(filters)) => {
                let mut secrets = all(cx, filters).await?;
                secrets.retain(|secret| secret.deletion.is_none());
                let size = self.max_results.unwrap_or(PAGE);
                let refusal = || InvalidNextTokenException.into();
                let token = self.next_token.as_deref();
                let (secrets, next) = page::cut(secrets, size, token, |secret: &Secret| &secret.name, refusal)?;
                Ok((secrets.into_iter().map(|secret| secret.name).collect(), next))
            }
        }
    }
}
