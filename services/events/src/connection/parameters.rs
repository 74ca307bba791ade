//! What a connection is given, and what of it is told.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Result};

use super::AuthorizationType;
use crate::destination::endpoint;
use crate::errors::{invalid, not_implemented};

/// What a connection is given, as the API has it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthParameters {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) basic_auth_parameters: Option<Basic>,
    #[serde(default, rename = "OAuthParameters", skip_serializing_if = "Option::is_none")]
    pub(crate) oauth_parameters: Option<OAuth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_key_auth_parameters: Option<ApiKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) invocation_http_parameters: Option<HttpParameters>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) connectivity_parameters: Option<Connectivity>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Basic {
    pub(crate) username: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiKey {
    pub(crate) api_key_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_key_value: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OAuth {
    pub(crate) client_parameters: Client,
    pub(crate) authorization_endpoint: String,
    pub(crate) http_method: String,
    #[serde(default, rename = "OAuthHttpParameters", skip_serializing_if = "Option::is_none")]
    pub(crate) http_parameters: Option<HttpParameters>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Client {
    #[serde(rename = "ClientID")]
    pub(crate) id: String,
    #[serde(default, rename = "ClientSecret", skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

/// What requests have beside.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HttpParameters {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) header_parameters: Vec<Parameter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) query_string_parameters: Vec<Parameter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) body_parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parameter {
    #[serde(default)]
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    #[serde(default)]
    pub(crate) is_value_secret: bool,
}

/// A way through a VPC, which Welkin has none of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connectivity {}

/// All lists of parameters of a connection.
const MOST: usize = 100;

impl AuthParameters {
    /// Holds them against the type of the authorization.
    ///
    /// # Errors
    /// `ValidationException`, and `NotImplemented` for private endpoints.
    // UNVERIFIED: the wordings.
    pub(crate) fn check(&self, cx: &Cx, kind: AuthorizationType) -> Result<()> {
        if self.connectivity_parameters.is_some() {
            return Err(not_implemented("connections to private endpoints"));
        }
        let complete = match kind {
            AuthorizationType::Basic => self.basic_auth_parameters.as_ref().is_some_and(|it| it.password.is_some()),
            AuthorizationType::ApiKey => {
                self.api_key_auth_parameters.as_ref().is_some_and(|it| it.api_key_value.is_some())
            }
            AuthorizationType::OauthClientCredentials => {
                self.oauth_parameters.as_ref().is_some_and(|it| it.client_parameters.secret.is_some())
            }
        };
        if !complete {
            return Err(invalid("AuthorizationType and AuthParameters do not match."));
        }
        if let Some(oauth) = &self.oauth_parameters {
            endpoint::check(cx, "AuthorizationEndpoint", &oauth.authorization_endpoint)?;
        }
        let beside = self.oauth_parameters.as_ref().and_then(|oauth| oauth.http_parameters.as_ref());
        for list in beside.into_iter().chain(&self.invocation_http_parameters) {
            let all = list.header_parameters.iter().chain(&list.query_string_parameters).chain(&list.body_parameters);
            if all.clone().count() > MOST {
                return Err(invalid(format_args!("There can be at most {MOST} HTTP parameters.")));
            }
            if all.clone().any(|parameter| parameter.key.is_empty()) {
                return Err(invalid("The key of an HTTP parameter must not be empty."));
            }
        }
        Ok(())
    }

    /// What is told: nothing that is secret.
    pub(crate) fn shown(mut self) -> Self {
        if let Some(basic) = &mut self.basic_auth_parameters {
            basic.password = None;
        }
        if let Some(api_key) = &mut self.api_key_auth_parameters {
            api_key.api_key_value = None;
        }
        if let Some(oauth) = &mut self.oauth_parameters {
            oauth.client_parameters.secret = None;
            oauth.http_parameters.iter_mut().for_each(HttpParameters::hide);
        }
        self.invocation_http_parameters.iter_mut().for_each(HttpParameters::hide);
        self
    }

    /// These, and of `older` what these do not have.
    pub(crate) fn over(self, older: Self) -> Self {
        Self {
            basic_auth_parameters: self.basic_auth_parameters.or(older.basic_auth_parameters),
            oauth_parameters: self.oauth_parameters.or(older.oauth_parameters),
            api_key_auth_parameters: self.api_key_auth_parameters.or(older.api_key_auth_parameters),
            invocation_http_parameters: self.invocation_http_parameters.or(older.invocation_http_parameters),
            connectivity_parameters: self.connectivity_parameters,
        }
    }
}

impl HttpParameters {
    fn hide(&mut self) {
        let lists = [&mut self.header_parameters, &mut self.query_string_parameters, &mut self.body_parameters];
        for parameter in lists.into_iter().flatten().filter(|parameter| parameter.is_value_secret) {
            parameter.value = None;
        }
    }
}
