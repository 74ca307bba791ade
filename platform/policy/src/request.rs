//! What is to be decided, and over which policies.

use crate::context::Context;
use crate::document::{Document, DocumentKind};
use crate::principal::PrincipalFacts;

/// One action of one principal on one resource.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who calls.
    pub principal: &'a PrincipalFacts,
    /// `kms:Decrypt`.
    pub action: &'a str,
    /// The ARN of the resource, or `*` for actions without one.
    pub resource: &'a str,
    /// The ARN through which the resource is addressed, if that is another one: an S3 access point's. The caller's
    /// own policies and those of its organization may name the resource by either; a resource's policy speaks of
    /// the resource alone.
    pub alias: Option<&'a str>,
    /// The account that owns the resource; `None` means the caller's own.
    pub resource_account: Option<&'a str>,
    /// The condition keys.
    pub context: &'a dyn Context,
}

/// A policy and the name it is known by.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// Name, id or ARN, for explanations.
    pub id: &'a str,
    /// The role it plays here: a managed policy can be an identity policy or a boundary.
    pub kind: DocumentKind,
    /// The policy.
    pub document: &'a Document,
}

/// The policies of one level of the organization: the root, an organizational unit or the account.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// The id of the root, unit or account.
    pub id: &'a str,
    /// The policies attached there; one of them must allow.
    pub policies: &'a [Attached<'a>],
}

/// How the policy of the resource takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ResourceRule {
    /// Same account: identity or resource policy. Across accounts: both.
    #[default]
    Standard,
    /// KMS: the key policy must allow the caller, or its account, which then decides by its
    /// identity policies. <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>
    KeyPolicy,
    /// Role trust: as for keys; the trust policy must allow.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html>
    Trust,
    /// The resource policy alone grants.
    ResourceOnly,
    /// The resource belongs to another account than its policy, which can only deny; the access
    /// control list grants, and the owner's own policies do: objects of S3 that their writers own.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html>
    ListOnly,
}

/// All policies that bear on a request. Leave out what does not exist or does not apply: the
/// levels of a management account, for instance, since neither SCPs nor RCPs restrict it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Inline and managed policies of the user and its groups, or of the role.
    pub identity: &'a [Attached<'a>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<Attached<'a>>,
    /// Session policies, if any were passed; one of them must allow.
    pub session: Option<&'a [Attached<'a>]>,
    /// SCPs of the caller's account, by level; every level must allow.
    pub scps: &'a [Level<'a>],
    /// RCPs of the resource's account, by level; every level must allow.
    pub rcps: &'a [Level<'a>],
    /// The policy of the resource.
    pub resource: Option<Attached<'a>>,
    /// What the access control list of the resource grants; it denies nothing.
    pub acl: Option<Attached<'a>>,
    /// The policy of the VPC endpoint the request came through.
    pub vpc_endpoint: Option<Attached<'a>>,
    /// How the resource policy takes part.
    pub resource_rule: ResourceRule,
}
