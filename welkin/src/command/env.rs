//! `welkin env`.

use clap::Args;

use super::Target;
use crate::fault::Fault;
use crate::screen;

/// Print shell exports that point AWS clients here.
#[derive(Args, Debug)]
pub(crate) struct Env {
    #[command(flatten)]
    target: Target,
    /// Account whose root user the exports are
    #[arg(long, default_value = "000000000000")]
    account: String,
    /// Region
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// For which shell
    #[arg(long, value_enum, default_value_t = Shell::Posix)]
    shell: Shell,
}

/// A family of shells.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Shell {
    /// bash, zsh, sh
    #[value(alias = "bash", alias = "zsh", alias = "sh")]
    Posix,
    /// fish: welkin env --shell fish | source
    Fish,
    /// PowerShell: welkin env --shell powershell | Invoke-Expression
    Powershell,
}

impl Shell {
    fn export(self, name: &str, value: &str) -> String {
        match self {
            Self::Posix => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Self::Fish => format!("set -gx {name} '{}'", value.replace('\\', r"\\").replace('\'', r"\'")),
            Self::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        }
    }

    fn unset(self, name: &str) -> String {
        match self {
            Self::Posix => format!("unset {name}"),
            Self::Fish => format!("set -e {name}"),
            Self::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
        }
    }
}

impl Env {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let account = self.account.parse::<welkin_kernel::AccountId>().map_err(|e| {
            Fault::new(format!("--account {} is not an account", self.account), e, "use 12 digits, e.g. 111111111111")
        })?;
        let region = self.region.parse::<welkin_kernel::Region>().map_err(|e| {
            Fault::new(format!("--region {} is not a Region", self.region), e, "use a name such as eu-west-1")
        })?;
        let pairs = [
            ("AWS_ENDPOINT_URL", self.target.endpoint),
            ("AWS_ACCESS_KEY_ID", account.to_string()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_DEFAULT_REGION", region.to_string()),
            ("AWS_REGION", region.to_string()),
        ];
        if self.target.json {
            let pairs: serde_json::Map<_, _> = pairs.into_iter().map(|(n, v)| (n.to_owned(), v.into())).collect();
            screen::line(&serde_json::Value::Object(pairs).to_string());
            return Ok(());
        }
        for (name, value) in pairs {
            screen::line(&self.shell.export(name, &value));
        }
        screen::line(&self.shell.unset("AWS_SESSION_TOKEN"));
        Ok(())
    }
}
