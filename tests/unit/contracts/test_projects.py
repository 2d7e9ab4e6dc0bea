from tests.contracts.projects import ProjectsContract


class TestProjects(ProjectsContract):
    pass
