//! The actions to simulate.

use welkin_kernel::Result;
use welkin_model::actions;

use super::invalid;

/// Refuses what is not the name of one action.
// UNVERIFIED: the wording; the documentation says that wildcards are not supported.
pub(super) fn check(names: &[String]) -> Result<()> {
    for name in names {
        if name.contains(['*', '?']) {
            return Err(invalid(format!("Invalid action name {name}: wildcards are not supported.")));
        }
        let whole = name.split_once(':').is_some_and(|(service, action)| !service.is_empty() && !action.is_empty());
        if !whole {
            return Err(invalid(format!("Invalid action name {name}: it must have the form service:action.")));
        }
    }
    Ok(())
}

/// The form of the ARNs that an action acts on: of the type that `resources` are of, or else of the first that
/// it needs; `*` for an action without resources.
pub(super) fn resource_form(action: &str, resources: &[String]) -> String {
    let Some((prefix, name)) = action.split_once(':') else { return "*".to_owned() };
    let Some(service) = actions::service(prefix) else { return "*".to_owned() };
    let types = service.action(name).map(|action| action.resource_types.as_slice()).unwrap_or_default();
    let form = |name: &str| service.resource_type(name).map(|kind| kind.arn);
    let simulated = types.iter().filter_map(|kind| form(kind.resource_type));
    let simulated = simulated.filter(|form| resources.iter().any(|arn| is_of(form, arn))).max_by_key(|form| form.len());
    let needed = || types.iter().find(|kind| kind.required).or(types.first()).and_then(|kind| form(kind.resource_type));
    simulated.or_else(needed).unwrap_or("*").to_owned()
}

/// Whether an ARN has the form `arn:${Partition}:s3:::${BucketName}`.
fn is_of(form: &str, arn: &str) -> bool {
    let mut pattern = String::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    pattern.push_str(rest);
    welkin_policy::matches_arn(&pattern, arn)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_action_is_one_of_one_service() {
        assert!(check(&["iam:CreateUser".to_owned()]).is_ok());
        for name in ["iam:*", "iam:Create?ser", "CreateUser", ":x", "iam:"] {
            assert!(check(&[name.to_owned()]).unwrap_err().is("InvalidInputException"), "{name}");
        }
    }

    #[test]
    fn the_form_is_that_of_the_type_that_is_simulated() {
        let object = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
        assert_eq!(resource_form("s3:GetObject", &["arn:aws:s3:::b/k".to_owned()]), object);
        assert_eq!(resource_form("s3:getobject", &["arn:aws:s3:::b/k".to_owned()]), object);
        assert_eq!(
            resource_form("s3:ListBucket", &["arn:aws:s3:::b".to_owned()]),
            "arn:${Partition}:s3:::${BucketName}"
        );
        assert_eq!(resource_form("s3:ListAllMyBuckets", &[]), "*");
        assert_eq!(resource_form("nobody:Knows", &[]), "*");
    }
}
