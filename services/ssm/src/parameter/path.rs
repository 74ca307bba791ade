//! Reading the parameters below a path.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::get::Shown;
use super::{Parameter, Version};
use crate::errors::{invalid, not_implemented};
use crate::filter::{Filter, Use, below};
use crate::name::{self, Selector};
use crate::page;
use crate::public;

/// Reads the parameters below a path, by name.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParametersByPath {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParametersByPathResult {
    parameters: Vec<Shown>,
    next_token: Option<String>,
}

/// Parameters on a page.
const PAGE: usize = 10;

/// Parameters that are read at once.
const BATCH: usize = 100;

impl Operation for GetParametersByPath {
    const NAME: &'static str = "GetParametersByPath";
    type Output = GetParametersByPathResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let recursive = self.recursive.to_string();
        let path = self.path.trim_end_matches('/');
        let arn = if public::is_public(path) { public::arn(cx, path) } else { name::arn(cx.here(), path).into() };
        Ok(Access::to("ssm:GetParametersByPath").on(arn).key("ssm:Recursive", recursive))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetParametersByPathResult> {
        self.check()?;
        let after = page::read_token(self.next_token.as_deref())?;
        let most = self.max_results.unwrap_or(PAGE);
        if public::is_public(self.path.trim_end_matches('/')) {
            return self.public(cx, after.as_deref(), most);
        }
        let (mut parameters, mut last, mut more) = (Vec::new(), after, false);
        'pages: loop {
            let some = self.some(cx, last.as_deref()).await?;
            for parameter in &some {
                if let Some((version, selector)) = self.chosen(cx, parameter).await? {
                    if parameters.len() == most {
                        more = true;
                        break 'pages;
                    }
                    let decrypt = self.with_decryption;
                    let here = cx.here();
                    let shown = Shown::of(cx, here, &parameter.name, &version, selector.as_ref(), decrypt).await?;
                    parameters.push(shown);
                }
                last = Some(parameter.name.clone());
            }
            if some.len() < BATCH {
                break;
            }
        }
        let next_token = last.filter(|_| more).map(|last| page::token(&last));
        Ok(GetParametersByPathResult { parameters, next_token })
    }
}

impl GetParametersByPath {
    fn check(&self) -> Result<()> {
        if !self.path.starts_with('/') {
            return Err(invalid(
                "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a \
                 forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only \
                 letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters \
                 are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
                 /get/parameters2-/by1./path0_.",
            ));
        }
        self.parameter_filters.iter().try_for_each(|filter| filter.check(Use::ByPath))
    }

    /// The next parameters whose names begin with the path.
    async fn some(&self, cx: &mut Cx, after: Option<&str>) -> Result<Vec<Parameter>> {
        let path = format!("{}/", self.path.trim_end_matches('/'));
        // '0' is what follows the slash: the first name that is not below the path.
        let end = format!("{}0", self.path.trim_end_matches('/'));
        let from = after.map_or(path, |after| format!("{after}\u{1}"));
        cx.between::<Parameter>(cx.here(), from, end, BATCH, false).await
    }

    /// The version of a parameter that is asked for, and by which label; `None` if the parameter is not asked for.
    async fn chosen(&self, cx: &mut Cx, parameter: &Parameter) -> Result<Option<(Version, Option<Selector>)>> {
        let Some(rest) = below(&parameter.name, &self.path) else { return Ok(None) };
        if !self.recursive && rest.contains('/') {
            return Ok(None);
        }
        for filter in &self.parameter_filters {
            if !filter.passes(parameter)? {
                return Ok(None);
            }
        }
        let Some(labels) = self.parameter_filters.iter().find_map(Filter::labels) else {
            return Ok(Some((parameter.latest.clone(), None)));
        };
        for label in labels {
            if parameter.labels.contains_key(label) {
                let selector = Selector::Label(label.clone());
                let version = parameter.version(cx, cx.here(), Some(&selector)).await?;
                return Ok(Some((version, Some(selector))));
            }
        }
        Ok(None)
    }

    /// The same of what AWS has for everybody.
    fn public(&self, cx: &Cx, after: Option<&str>, most: usize) -> Result<GetParametersByPathResult> {
        let known = public::children(cx, &self.path).filter(|_| !self.recursive);
        let names = known.ok_or_else(|| not_implemented(&format!("the public parameters below {}", self.path)))?;
        let names: Vec<String> =
            names.into_iter().filter(|name| after.is_none_or(|after| name.as_str() > after)).collect();
        let next_token = names.get(most.saturating_sub(1)).filter(|_| names.len() > most).map(|last| page::token(last));
        let shown = |name: &String| Ok(public::value(cx, name)?.map(|value| Shown::public(cx, name, value)));
        let parameters = names.iter().take(most).map(shown).collect::<Result<Vec<Option<Shown>>>>()?;
        Ok(GetParametersByPathResult { parameters: parameters.into_iter().flatten().collect(), next_token })
    }
}
