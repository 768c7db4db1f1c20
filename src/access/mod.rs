//! Who may do what: the policy table, the caller and their grants, tokens, passwords, and the context of a request.

pub mod caller;
pub mod context;
pub mod gate;
pub mod limits;
pub mod office;
pub mod passwords;
pub mod policy;
pub mod together;
pub mod tokens;
pub mod tx;

words! {
    /// What an account may be.
    AccountStatus {
        /// May sign in.
        Active = "active",
        /// May not.
        Disabled = "disabled",
    }
}

words! {
    /// The roles that a grant may carry.
    Role {
        /// Accounts, API clients, policies, settings.
        SystemAdmin = "system_admin",
        /// The alumni office.
        OfficeStaff = "office_staff",
        /// The head of the alumni office: the second person.
        OfficeDirector = "office_director",
        /// One college and all below.
        CollegeAdmin = "college_admin",
        /// One chapter and below.
        ChapterSecretary = "chapter_secretary",
        /// Records gifts and issues receipts of one organization.
        Treasurer = "treasurer",
        /// Voids and re-issues receipts.
        ReceiptController = "receipt_controller",
        /// Of one class.
        Liaison = "liaison",
        /// At the door of one event.
        CheckIn = "check_in",
        /// Reads, never writes.
        Auditor = "auditor",
    }
}
