//! Service control policies of a simulation, from the root of the organization to the account.

use serde::Deserialize;
use welkin_kernel::Result;
use welkin_policy::DocumentKind;

use super::source::Source;

/// The policies of one level.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OrganizationLevel {
    service_control_policy_input_list: Option<Vec<String>>,
}

/// The policies of all levels, as they stand in the request.
pub(super) fn read(levels: &[OrganizationLevel]) -> Result<Vec<Vec<Source>>> {
    let list = |(index, level): (usize, &OrganizationLevel)| {
        let name = format!("OrderedOrganizationPolicyInputList.{}", index + 1);
        Source::list(&name, level.service_control_policy_input_list.as_ref(), DocumentKind::Scp)
    };
    levels.iter().enumerate().map(list).collect()
}
