"""The absences that were told, as the town hall reads them: the list, and the page of one."""
