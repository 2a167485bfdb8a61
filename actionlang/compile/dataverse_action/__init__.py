"""Custom process actions of Dataverse (workflow category 3), exported as XAML, to scripts.

`documents` reads XML, `workflow_files` finds the workflow in it, `activities` makes the steps of it that `model` describes.
`translating` turns these into the `statements` of a verb, with `expressions` and `conditions` for what stands in them;
`returning` puts the outputs where a verb sets them, `writing` makes text of it all, `script` joins these.

The format is not published. What is said here of it was taken from exported actions, and from public descriptions and readers
of it, such as XrmMockup (delegateas, MIT). docs/reference/dataverse-actions.md tells which is which.
"""
