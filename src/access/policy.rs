//! The policy: one table of every operation, who may call it, and which roles it is for.
//!
//! An act bears the name of its operation. A role's grant covers a thing that lies in the grant's scope.

use super::Role::{
    self, Auditor, ChapterSecretary, CheckIn, CollegeAdmin, Liaison, OfficeDirector, OfficeStaff, SystemAdmin,
    Treasurer,
};
use Who::{Everyone, Holders, SignedIn};

/// Who may call an operation at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anyone, signed in or not.
    Everyone,
    /// Anyone who is signed in; what they see is their own, or what their grants cover.
    SignedIn,
    /// Holders of one of the roles, where their grant covers the thing.
    Holders,
}

/// What the table says of one act.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Who may call it at all.
    pub who: Who,
    /// Roles that allow it where their grant covers the thing.
    pub roles: &'static [Role],
    /// Whether it needs an `Idempotency-Key`.
    pub keyed: bool,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $act:ident = $name:literal => $who:ident [$($role:ident),*] $($keyed:ident)?),+ $(,)?) => {
        /// Everything that can be done, by operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Act { $(#[doc = concat!("`", $name, "`")] $act),+ }

        impl Act {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$act),+];

            /// The operationId.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$act => $name),+ }
            }

            /// What the table says.
            pub const fn rule(self) -> Rule {
                match self {
                    $(Self::$act => Rule { who: $who, roles: &[$($role),*], keyed: acts!(@ $($keyed)?) }),+
                }
            }
        }
    };
    (@ keyed) => { true };
    (@) => { false };
}

acts! {
    // The machine
    ReadKeys = "read_signing_keys" => Everyone [],
    ReadLive = "read_liveness" => Everyone [],
    ReadReady = "read_readiness" => Everyone [],
    ReadVersion = "read_version" => Everyone [],
    ReadEnums = "read_enums" => Everyone [],

    // Accounts
    CreateToken = "create_token" => Everyone [],
    DeleteToken = "delete_current_token" => SignedIn [],
    ReadMe = "read_me" => SignedIn [],
    ListMySessions = "list_my_sessions" => SignedIn [],
    DeleteMySession = "delete_my_session" => SignedIn [],
    UpdateMyPassword = "update_my_password" => SignedIn [],
    UpdatePassword = "update_password" => Everyone [],
    CreateInvitation = "create_invitation" => Holders [SystemAdmin, OfficeStaff, OfficeDirector],
    UpdateAccountPerson = "update_account_person" => Holders [SystemAdmin, OfficeStaff, OfficeDirector],
    ReadExplanation = "read_explanation" => SignedIn [],
    ExplainToOthers = "explain_to_others" => Holders [SystemAdmin, OfficeDirector, Auditor],
    ListAccounts = "list_accounts" => Holders [SystemAdmin],
    CreateGrant = "create_grant" => Holders [SystemAdmin],
    DeleteGrant = "delete_grant" => Holders [SystemAdmin],

    // Colleges and classes
    ListColleges = "list_colleges" => Everyone [],
    ReadCollege = "read_college" => Everyone [],
    CreateCollege = "create_college" => Holders [SystemAdmin, OfficeStaff, OfficeDirector],
    UpdateCollege = "update_college" => Holders [SystemAdmin, OfficeStaff, OfficeDirector],
    ListClassGroups = "list_class_groups" => SignedIn [],
    ReadClassGroup = "read_class_group" => SignedIn [],
    CreateClassGroup = "create_class_group" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],
    UpdateClassGroup = "update_class_group" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],

    // People
    ListPeople = "list_people" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Liaison, Auditor],
    ReadPerson = "read_person" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Liaison, Auditor],
    ReadWholePerson = "read_whole_person" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],
    ReadPersonName = "read_person_name" => Holders [ChapterSecretary, Liaison],
    CreatePerson = "create_person" => Holders [OfficeStaff, OfficeDirector],
    UpdatePerson = "update_person" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],
    ListEducations = "list_educations" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Liaison, Auditor],
    ReadEducation = "read_education" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Liaison, Auditor],
    CreateEducation = "create_education" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],
    UpdateEducation = "update_education" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],
    DeleteEducation = "delete_education" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],

    // Organizations
    ListOrganizations = "list_organizations" => Everyone [SystemAdmin, OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Treasurer, Auditor],
    ReadOrganization = "read_organization" => Everyone [SystemAdmin, OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Treasurer, Auditor],
    CreateOrganization = "create_organization" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin],
    UpdateOrganization = "update_organization" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    CreateTransition = "create_transition" => Holders [OfficeStaff, OfficeDirector],
    DissolveOrganization = "dissolve_organization" => Holders [OfficeDirector],
    ListTransitions = "list_transitions" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Auditor],

    // Events
    ListEvents = "list_events" => Everyone [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, Auditor],
    ReadEvent = "read_event" => Everyone [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, CheckIn, Auditor],
    CreateEvent = "create_event" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    UpdateEvent = "update_event" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    SubmitEvent = "submit_event" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    ReturnEvent = "return_event" => Holders [OfficeStaff, OfficeDirector],
    ApproveEvent = "approve_event" => Holders [OfficeStaff, OfficeDirector],
    PublishEvent = "publish_event" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    CancelEvent = "cancel_event" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    CompleteEvent = "complete_event" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    ReadAvailability = "read_availability" => Everyone [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, CheckIn, Auditor],

    // Registrations
    CreateRegistration = "create_registration" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary] keyed,
    ListRegistrations = "list_registrations" => Holders [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, CheckIn],
    ReadRegistration = "read_registration" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary, CheckIn],
    DeleteRegistration = "delete_registration" => SignedIn [OfficeStaff, OfficeDirector, CollegeAdmin, ChapterSecretary],
    ListMyRegistrations = "list_my_registrations" => SignedIn [],
}

impl Act {
    /// The act of an operation.
    pub fn named(operation: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.name() == operation)
    }

    /// Whether a role allows this act, where its grant covers the thing.
    pub fn allows(self, role: Role) -> bool {
        self.rule().roles.contains(&role)
    }
}
