//! Finding parameters.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, Timestamp};

use super::Parameter;
use super::history::ShownPolicy;
use crate::errors::{InvalidFilterValue, not_implemented};
use crate::filter::{Filter, Use};
use crate::name;
use crate::page;

/// Lists the parameters of the account in the Region, by name, without their values.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeParameters {
    #[serde(default)]
    filters: Vec<OlderFilter>,
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    max_results: Option<usize>,
    next_token: Option<String>,
    #[serde(default)]
    shared: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OlderFilter {
    key: String,
    values: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeParametersResult {
    parameters: Vec<Described>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    name: String,
    #[serde(rename = "ARN")]
    arn: String,
    #[serde(rename = "Type")]
    kind: String,
    key_id: Option<String>,
    last_modified_date: Timestamp,
    last_modified_user: String,
    description: Option<String>,
    allowed_pattern: Option<String>,
    version: u64,
    tier: String,
    policies: Vec<ShownPolicy>,
    data_type: String,
}

/// Parameters on a page.
const PAGE: usize = 50;

/// Parameters that are read at once.
const BATCH: usize = 100;

impl Operation for DescribeParameters {
    const NAME: &'static str = "DescribeParameters";
    type Output = DescribeParametersResult;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("ssm:DescribeParameters"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeParametersResult> {
        if self.shared {
            return Err(not_implemented("parameters that other accounts share by RAM"));
        }
        let filters = self.all_filters()?;
        let (here, most) = (cx.here(), self.max_results.unwrap_or(PAGE));
        let mut last = page::read_token(self.next_token.as_deref())?;
        let (mut parameters, mut more): (Vec<Described>, bool) = (Vec::new(), false);
        'pages: loop {
            let after = last.as_deref().map(IntoKey::into_key);
            let some = cx.list::<Parameter>(here, (), Page::of(BATCH, after.as_ref())).await?;
            for parameter in &some {
                if filters
                    .iter()
                    .map(|filter| filter.passes(parameter))
                    .collect::<Result<Vec<bool>>>()?
                    .contains(&false)
                {
                    last = Some(parameter.name.clone());
                    continue;
                }
                if parameters.len() == most {
                    more = true;
                    break 'pages;
                }
                parameters.push(described(cx, parameter));
                last = Some(parameter.name.clone());
            }
            if some.len() < BATCH {
                break;
            }
        }
        let next_token = last.filter(|_| more).map(|last| page::token(&last));
        Ok(DescribeParametersResult { parameters, next_token })
    }
}

impl DescribeParameters {
    fn all_filters(&self) -> Result<Vec<Filter>> {
        if !self.filters.is_empty() && !self.parameter_filters.is_empty() {
            return Err(InvalidFilterValue::because(
                "You can use either Filters or ParameterFilters in a single request.",
            ));
        }
        let older = self.filters.iter().map(|older| Filter::older(older.key.clone(), older.values.clone()));
        let filters: Vec<Filter> = older.chain(self.parameter_filters.iter().cloned()).collect();
        filters.iter().try_for_each(|filter| filter.check(Use::Describe))?;
        Ok(filters)
    }
}

fn described(cx: &Cx, parameter: &Parameter) -> Described {
    let latest = &parameter.latest;
    Described {
        name: parameter.name.clone(),
        arn: name::arn(cx.here(), &parameter.name).into(),
        kind: latest.kind.as_str().to_owned(),
        key_id: latest.key_id.clone(),
        last_modified_date: latest.modified,
        last_modified_user: latest.modified_by.clone(),
        description: latest.description.clone(),
        allowed_pattern: latest.allowed_pattern.clone(),
        version: latest.number,
        tier: latest.tier.as_str().to_owned(),
        policies: ShownPolicy::all(latest, cx.now()),
        data_type: latest.data_type.clone(),
    }
}
