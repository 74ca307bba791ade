//! What an operation must be allowed to do: its statement of access.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use welkin_policy::ResourceRule;

use crate::{AccountId, LakeDemand};

/// A call's statement of access: actions on resources, with the condition keys of the service.
///
/// Every demand must be allowed. There is no way to register an operation without one.
#[derive(Debug)]
pub struct Access {
    pub(crate) demands: Vec<Demand>,
    pub(crate) lake: Vec<LakeDemand>,
}

/// One action on one resource.
#[derive(Debug)]
pub(crate) struct Demand {
    pub(crate) action: Cow<'static, str>,
    pub(crate) resource: String,
    pub(crate) owner: Option<AccountId>,
    pub(crate) policy: Option<ResourcePolicy>,
    pub(crate) through: Option<Through>,
    pub(crate) acl: Option<String>,
    pub(crate) of_another: Option<Option<AccountId>>,
    pub(crate) rule: ResourceRule,
    pub(crate) keys: Vec<(Cow<'static, str>, Vec<String>)>,
    pub(crate) recorded_as: Option<&'static str>,
}

/// What a resource is reached through, such as an access point of S3: it must permit the action as well, by a policy
/// and an owner of its own.
#[derive(Clone, Debug)]
pub struct Through {
    /// Its ARN, with what is reached behind it: `arn:…:accesspoint/name/object/key`.
    pub arn: String,
    /// The account that owns it.
    pub owner: AccountId,
    /// Its own policy as JSON, if it has one.
    pub policy: Option<String>,
    /// Its ARN alone, as the call's record has it.
    pub recorded: String,
    /// Its type in the call's record, e.g. `"AWS::S3::AccessPoint"`.
    pub kind: &'static str,
}

/// A resource-based policy: where it hangs, and its JSON.
#[derive(Debug)]
pub(crate) struct ResourcePolicy {
    pub(crate) id: String,
    pub(crate) json: String,
}

impl Access {
    /// Demands `action`, e.g. `"sqs:SendMessage"`, on all resources (`*`) until [`on`](Self::on) names one.
    pub fn to(action: impl Into<Cow<'static, str>>) -> Self {
        Self { demands: vec![Demand::new(action.into())], lake: Vec::new() }
    }

    /// Demands nothing: AWS lets every authenticated caller use the operation, for the `reason` documented.
    ///
    /// ```
    /// # use welkin_kernel::Access;
    /// Access::open("no permissions are required: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html");
    /// ```
    pub fn open(reason: &'static str) -> Self {
        debug_assert!(!reason.is_empty(), "an open operation states why");
        Self { demands: Vec::new(), lake: Vec::new() }
    }

    /// Names the resource of the last action by its ARN.
    #[must_use]
    pub fn on(self, arn: impl fmt::Display) -> Self {
        self.last(|demand| demand.resource = arn.to_string())
    }

    /// Names the account that owns the resource, where the ARN does not.
    #[must_use]
    pub fn owned_by(self, account: AccountId) -> Self {
        self.last(|demand| demand.owner = Some(account))
    }

    /// The resource's own policy as JSON, if it has one.
    #[must_use]
    pub fn policy(self, json: Option<&str>) -> Self {
        self.last(|demand| {
            demand.policy = json.map(|json| ResourcePolicy { id: demand.resource.clone(), json: json.to_owned() });
        })
    }

    /// What the resource is reached through. Both must permit the action, under the same condition keys; the caller's
    /// own policies may name the resource by either ARN.
    #[must_use]
    pub fn through(self, through: Option<Through>) -> Self {
        self.last(|demand| demand.through = through)
    }

    /// What the resource's access control list grants, as the JSON of a policy; it can only allow.
    #[must_use]
    pub fn acl(self, json: Option<String>) -> Self {
        self.last(|demand| demand.acl = json)
    }

    /// The resource belongs to `account` and not to the one that its policy is of: the policy can only deny
    /// then, and the access control list grants. `None` is who came without a signature.
    #[must_use]
    pub fn of_another(self, account: Option<AccountId>) -> Self {
        self.last(|demand| {
            demand.of_another = Some(account);
            demand.rule = ResourceRule::ListOnly;
        })
    }

    /// How the resource's policy and the caller's own work together; [`ResourceRule::Standard`] unless said.
    #[must_use]
    pub fn rule(self, rule: ResourceRule) -> Self {
        self.last(|demand| demand.rule = rule)
    }

    /// Sets a condition key of the service, e.g. `"kms:ViaService"`.
    #[must_use]
    pub fn key(self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.keys(name, [value.into()])
    }

    /// Sets a condition key with several values.
    #[must_use]
    pub fn keys(self, name: impl Into<Cow<'static, str>>, values: impl IntoIterator<Item = String>) -> Self {
        self.last(|demand| demand.keys.push((name.into(), values.into_iter().collect())))
    }

    /// The resource's tags: `aws:ResourceTag/…`.
    #[must_use]
    pub fn resource_tags<'a>(self, tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Self {
        self.last(|demand| {
            for (key, value) in tags {
                demand.keys.push((format!("aws:ResourceTag/{key}").into(), vec![value.clone()]));
            }
        })
    }

    /// Tags in the request: `aws:RequestTag/…` and `aws:TagKeys`.
    #[must_use]
    pub fn request_tags(self, tags: &BTreeMap<String, String>) -> Self {
        if tags.is_empty() {
            return self;
        }
        self.last(|demand| {
            for (key, value) in tags {
                demand.keys.push((format!("aws:RequestTag/{key}").into(), vec![value.clone()]));
            }
            demand.keys.push(("aws:TagKeys".into(), tags.keys().cloned().collect()));
        })
    }

    /// Tag keys in the request without values (untagging): `aws:TagKeys`.
    #[must_use]
    pub fn tag_keys(self, keys: impl IntoIterator<Item = String>) -> Self {
        self.keys("aws:TagKeys", keys)
    }

    /// Puts the resource into the call's record under this type, e.g. `"AWS::KMS::Key"`; its owner's
    /// account gets the record too.
    #[must_use]
    pub fn recorded_as(self, kind: &'static str) -> Self {
        self.last(|demand| demand.recorded_as = Some(kind))
    }

    /// Demands all that `other` demands as well.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.demands.extend(other.demands);
        self.lake.extend(other.lake);
        self
    }

    /// Demands a permission of Lake Formation as well, once IAM permits the actions.
    #[must_use]
    pub fn lake(mut self, demand: impl IntoIterator<Item = LakeDemand>) -> Self {
        self.lake.extend(demand);
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Demand)) -> Self {
        if let Some(demand) = self.demands.last_mut() {
            change(demand);
        }
        self
    }
}

impl Demand {
    fn new(action: Cow<'static, str>) -> Self {
        Self {
            action,
            resource: "*".to_owned(),
            owner: None,
            policy: None,
            through: None,
            acl: None,
            of_another: None,
            rule: ResourceRule::Standard,
            keys: Vec::new(),
            recorded_as: None,
        }
    }
}
