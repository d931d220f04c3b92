"""整改参谋: notices in, cited answers, drafts and comparisons out. The domain package."""
