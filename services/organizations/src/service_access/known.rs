//! The services that work with Organizations:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html>.

/// A service that works with Organizations.
#[derive(Debug)]
pub(crate) struct KnownService {
    /// Its service principal.
    pub(crate) principal: &'static str,
    /// Delegated administrators that it can have; 0 for a service that has none.
    // UNVERIFIED: each service documents its own number; where this was not found it is 1.
    pub(crate) administrators: usize,
}

const fn service(principal: &'static str, administrators: usize) -> KnownService {
    KnownService { principal, administrators }
}

/// By principal.
static KNOWN: &[KnownService] = &[
    service("access-analyzer.amazonaws.com", 1),
    service("account.amazonaws.com", 1),
    service("auditmanager.amazonaws.com", 1),
    service("aws-artifact-account-sync.amazonaws.com", 0),
    service("backup.amazonaws.com", 5),
    service("bedrock.amazonaws.com", 1),
    service("chatbot.amazonaws.com", 0),
    service("cloudtrail.amazonaws.com", 3),
    service("compute-optimizer.amazonaws.com", 1),
    service("config-multiaccountsetup.amazonaws.com", 3),
    service("config.amazonaws.com", 3),
    service("controltower.amazonaws.com", 0),
    service("cost-optimization-hub.bcm.amazonaws.com", 1),
    service("detective.amazonaws.com", 1),
    service("devops-guru.amazonaws.com", 1),
    service("ds.amazonaws.com", 0),
    service("ec2.amazonaws.com", 1),
    service("fms.amazonaws.com", 10),
    service("guardduty.amazonaws.com", 1),
    service("health.amazonaws.com", 5),
    service("iam.amazonaws.com", 1),
    service("inspector2.amazonaws.com", 1),
    service("ipam.amazonaws.com", 1),
    service("license-manager-linux-subscriptions.amazonaws.com", 1),
    service("license-manager.amazonaws.com", 1),
    service("license-manager.member-account.amazonaws.com", 0),
    service("macie.amazonaws.com", 1),
    service("malware-protection.guardduty.amazonaws.com", 0),
    service("member.org.stacksets.cloudformation.amazonaws.com", 5),
    service("network-security-director.amazonaws.com", 1),
    service("networkmanager.amazonaws.com", 10),
    service("notifications.amazonaws.com", 5),
    service("observabilityadmin.amazonaws.com", 1),
    service("opsdatasync.ssm.amazonaws.com", 0),
    service("ram.amazonaws.com", 0),
    service("reachabilityanalyzer.networkinsights.amazonaws.com", 5),
    service("reporting.trustedadvisor.amazonaws.com", 5),
    service("resource-explorer-2.amazonaws.com", 1),
    service("security-ir.amazonaws.com", 1),
    service("securityhub.amazonaws.com", 1),
    service("securitylake.amazonaws.com", 1),
    service("servicecatalog.amazonaws.com", 50),
    service("servicequotas.amazonaws.com", 0),
    service("ssm-quicksetup.amazonaws.com", 1),
    service("ssm.amazonaws.com", 1),
    service("sso.amazonaws.com", 1),
    service("stacksets.cloudformation.amazonaws.com", 5),
    service("storage-lens.s3.amazonaws.com", 5),
    service("tagpolicies.tag.amazonaws.com", 1),
    service("wellarchitected.amazonaws.com", 0),
];

/// The service of a principal.
pub(crate) fn known(principal: &str) -> Option<&'static KnownService> {
    let at = KNOWN.binary_search_by(|service| service.principal.cmp(principal)).ok()?;
    KNOWN.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_found_by_its_principal() {
        assert!(KNOWN.iter().all(|service| known(service.principal).is_some()));
        assert!(known("welkin.amazonaws.com").is_none());
    }
}
