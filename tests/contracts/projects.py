"""What any store of projects must do."""

import pytest

from runyard.domain.accounts.projects import DEFAULT_PROJECT, Project, ProjectExists, ProjectNotFound

from ..builders import NOON
from .stores import Store, at_once


class ProjectsContract:
    """The promises of the ports `Projects` and `ProjectReading`."""

    def test_there_is_one_from_the_beginning(self, store: Store):
        with store.read() as reading:
            assert [project.name for project in reading.projects.all()] == [DEFAULT_PROJECT]
            assert reading.projects.get(DEFAULT_PROJECT).created_at.tzinfo

    def test_projects_come_back_by_name(self, store: Store):
        made = [Project(name=name, created_at=NOON) for name in ("z", "a-1")]
        with store.begin() as work:
            for project in made:
                work.projects.add(project)
            assert work.projects.get("z") == made[0]
            work.commit()

        with store.read() as reading:
            assert [project.name for project in reading.projects.all()] == ["a-1", DEFAULT_PROJECT, "z"]
            assert reading.projects.get("a-1") == made[1]

    @pytest.mark.parametrize("name", ["none", "", "\0", "DEFAULT", "é"])
    def test_what_is_not_there_is_not_found(self, store: Store, name: str):
        with store.read() as reading, pytest.raises(ProjectNotFound):
            reading.projects.get(name)

    def test_of_many_who_make_one_at_once_one_does(self, store: Store):
        def make(_: int) -> bool:
            try:
                with store.begin() as work:
                    work.projects.add(Project(name="p", created_at=NOON))
                    work.commit()
            except ProjectExists:
                return False
            return True

        assert sum(at_once(8, make)) == 1
