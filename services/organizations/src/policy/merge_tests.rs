#![allow(clippy::unwrap_used)]
use serde_json::{Value, json};

use super::{Inherited, Rule};

/// The effective policy of levels, each of which has some policies.
fn effective(levels: &[&[Value]]) -> Option<Value> {
    let mut inherited = Inherited::default();
    for level in levels {
        let mut rule = Rule::default();
        for policy in *level {
            rule.beside(Rule::parse(policy).unwrap());
        }
        inherited.apply(&rule);
    }
    inherited.effective()
}

fn tag(members: Value) -> Value {
    json!({ "tags": { "costcenter": members } })
}

// The cases are the documentation's own:
// https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html
fn root() -> Value {
    tag(json!({
        "tag_key": { "@@assign": "CostCenter" },
        "tag_value": { "@@assign": ["Development", "Support"] },
    }))
}

#[test]
fn a_child_overwrites_values() {
    let unit = tag(json!({
        "tag_key": { "@@assign": "CostCenter" },
        "tag_value": { "@@assign": ["Sandbox"] },
        "enforced_for": { "@@assign": ["redshift:*", "dynamodb:table"] },
    }));
    let expected = tag(json!({
        "tag_key": "CostCenter", "tag_value": ["Sandbox"], "enforced_for": ["redshift:*", "dynamodb:table"],
    }));
    assert_eq!(effective(&[&[root()], &[unit]]), Some(expected));
}

#[test]
fn a_child_appends_and_removes_values() {
    let appends = tag(json!({ "tag_value": { "@@append": ["Marketing", "Support"] } }));
    let expected = tag(json!({ "tag_key": "CostCenter", "tag_value": ["Development", "Support", "Marketing"] }));
    assert_eq!(effective(&[&[root()], std::slice::from_ref(&appends)]), Some(expected));
    let removes = tag(json!({ "tag_value": { "@@remove": ["Development", "Marketing"] } }));
    let expected = tag(json!({ "tag_key": "CostCenter", "tag_value": ["Support"] }));
    assert_eq!(effective(&[&[root()], &[appends], &[removes]]), Some(expected));
}

#[test]
fn what_a_parent_forbids_its_children_cannot_do() {
    let parent = tag(json!({
        "tag_key": { "@@operators_allowed_for_child_policies": ["@@none"], "@@assign": "CostCenter" },
        "tag_value": {
            "@@operators_allowed_for_child_policies": ["@@append"], "@@assign": ["Development"],
        },
    }));
    let child = tag(json!({
        "tag_key": { "@@operators_allowed_for_child_policies": ["@@all"], "@@assign": "COSTCENTER" },
        "tag_value": { "@@operators_allowed_for_child_policies": ["@@all"], "@@assign": ["Sandbox"] },
    }));
    let grandchild = tag(json!({
        "tag_key": { "@@assign": "costcenter" },
        "tag_value": { "@@append": ["Test"] },
    }));
    let expected = tag(json!({ "tag_key": "CostCenter", "tag_value": ["Development", "Test"] }));
    assert_eq!(effective(&[&[parent], &[child], &[grandchild]]), Some(expected));
}

#[test]
fn what_is_forbidden_at_the_top_is_forbidden_below() {
    let parent = json!({ "services": {
        "@@operators_allowed_for_child_policies": ["@@none"],
        "default": { "opt_out_policy": { "@@assign": "optOut" } },
    } });
    let child = json!({ "services": {
        "default": { "opt_out_policy": { "@@assign": "optIn" } },
        "rekognition": { "opt_out_policy": { "@@assign": "optIn" } },
    } });
    let expected = json!({ "services": { "default": { "opt_out_policy": "optOut" } } });
    assert_eq!(effective(&[&[parent], &[child]]), Some(expected));
}

#[test]
fn policies_of_one_level_are_joined() {
    let second = tag(json!({
        "tag_key": { "@@assign": "COSTCENTER" },
        "tag_value": { "@@operators_allowed_for_child_policies": ["@@append"], "@@assign": ["Sales", "Support"] },
    }));
    let child = tag(json!({ "tag_value": { "@@remove": ["Sales"], "@@append": ["More"] } }));
    let expected = tag(json!({ "tag_key": "CostCenter", "tag_value": ["Development", "Support", "Sales", "More"] }));
    assert_eq!(effective(&[&[root(), second], &[child]]), Some(expected));
}

#[test]
fn nothing_comes_of_nothing() {
    assert_eq!(effective(&[&[], &[]]), None);
    assert_eq!(effective(&[&[json!({ "tags": {} })]]), None);
}

#[test]
fn what_is_no_policy_is_refused() {
    for bad in [
        json!([]),
        json!({ "tags": "x" }),
        json!({ "tags": { "a": { "@@what": 1 } } }),
        json!({ "tags": { "a": { "@@assign": { "b": 1 } } } }),
        json!({ "tags": { "a": { "@@assign": [["b"]] } } }),
        json!({ "tags": { "a": { "@@assign": "b", "@@append": ["c"] } } }),
        json!({ "tags": { "a": { "@@assign": "b", "c": { "@@assign": "d" } } } }),
        json!({ "tags": { "@@operators_allowed_for_child_policies": ["@@some"] } }),
        json!({ "tags": { "@@operators_allowed_for_child_policies": "@@none" } }),
    ] {
        assert!(Rule::parse(&bad).is_err(), "{bad}");
    }
    let deep = (0..40).fold(json!({ "@@assign": 1 }), |inner, _| json!({ "a": inner }));
    assert!(Rule::parse(&deep).is_err());
}
