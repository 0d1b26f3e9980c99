"""Applies CloudFormation templates of Transfer Family's resources and what they need of IAM and S3 to a Sallyport, as
CloudFormation's own handlers would: by calls of the API, in the order of the resources' dependencies."""

import graphlib
import re

from .cloudformation_kinds import KINDS

# Written by the CDK for its own statistics; no service is behind it.
IGNORED = {"AWS::CDK::Metadata"}
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "000000000000",
          "AWS::URLSuffix": "amazonaws.com"}
ABSENT = object()  # what AWS::NoValue makes of a property


class StackFailure(AssertionError):
    """A resource that could not be made or changed, with what the service said."""

    def __init__(self, name, cause):
        super().__init__(f"{name}: {cause}")
        self.name = name


class Made:
    """A resource that is there: how its template described it (resolved), and its attributes, `Ref` among them."""

    def __init__(self, kind, properties, attributes, retained):
        self.kind, self.properties, self.attributes, self.retained = kind, properties, attributes, retained


def references(value):
    """Logical names that a value of a template refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    if set(value) == {"Ref"}:
        return {value["Ref"]} - set(PSEUDO) - {"AWS::NoValue", "AWS::StackName"}
    if set(value) == {"Fn::GetAtt"}:
        name = value["Fn::GetAtt"]
        return {name.split(".")[0] if isinstance(name, str) else name[0]}
    if set(value) == {"Fn::Sub"}:
        text, more = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
        named = {name.split(".")[0] for name in re.findall(r"\$\{([A-Za-z0-9.]+)\}", text)}
        return (named - set(more)) | references(list(more.values()))
    return references(list(value.values()))


def dependencies(resource):
    """Logical names that a resource of a template refers to or is said to depend on."""
    stated = resource.get("DependsOn", [])
    return references(resource.get("Properties", {})) | set([stated] if isinstance(stated, str) else stated)


def order(resources):
    """Logical names, each after those that it depends on."""
    return list(graphlib.TopologicalSorter({name: dependencies(one) for name, one in resources.items()}).static_order())


def only(template, *names):
    """The part of a template that these resources need."""
    resources, needed, todo = template["Resources"], set(), list(names)
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo += dependencies(resources[name])
    return {"Resources": {name: one for name, one in resources.items() if name in needed}}


class Stack:
    def __init__(self, sallyport, name):
        self.sallyport, self.name = sallyport, name
        self.made = {}  # logical name → Made, in the order of their making
        self.outputs = {}

    def attribute(self, name, attribute):
        if name in PSEUDO:
            return PSEUDO[name]
        if name == "AWS::StackName":
            return self.name
        if name == "AWS::NoValue":
            return ABSENT
        return self.made[name].attributes[attribute]

    def resolved(self, value):
        if isinstance(value, list):
            return [one for one in map(self.resolved, value) if one is not ABSENT]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, given), = value.items()
            if function == "Ref":
                return self.attribute(given, "Ref")
            if function == "Fn::GetAtt":
                return self.attribute(*(given.split(".", 1) if isinstance(given, str) else given))
            if function == "Fn::Join":
                return given[0].join(self.resolved(given[1]))
            if function == "Fn::Split":
                return self.resolved(given[1]).split(given[0])
            if function == "Fn::Select":
                return self.resolved(given[1])[int(given[0])]
            if function == "Fn::Sub":
                return self.substituted(*(given if isinstance(given, list) else (given, {})))
            if function.startswith("Fn::"):
                raise NotImplementedError(function)
        pairs = {name: self.resolved(one) for name, one in value.items()}
        return {name: one for name, one in pairs.items() if one is not ABSENT}

    def substituted(self, text, more):
        def of(found):
            name = found[1]
            if name in more:
                return self.resolved(more[name])
            return self.attribute(*(name.split(".", 1) if "." in name else (name, "Ref")))
        return re.sub(r"\$\{([^!}][^}]*)\}", of, text).replace("${!", "${")

    def apply(self, template):
        """Makes, changes, replaces and removes what the template says. What a template that fails has made goes."""
        resources = {name: one for name, one in template["Resources"].items() if one["Type"] not in IGNORED}
        new, replaced = [], []
        for name in order(resources):
            try:
                self.settle(name, resources[name], new, replaced)
            except Exception as error:
                for one in reversed(new):
                    self.remove(one)
                raise StackFailure(name, error) from error
        for made in reversed(replaced):
            made.kind.delete(self.sallyport, made)
        for name in [one for one in reversed(self.made) if one not in resources]:
            self.remove(name)
        self.outputs = {name: self.resolved(one["Value"]) for name, one in template.get("Outputs", {}).items()}
        return self

    def settle(self, name, resource, new, replaced):
        kind, properties = KINDS[resource["Type"]], self.resolved(resource.get("Properties", {}))
        old = self.made.get(name)
        if old and old.properties == properties:
            return
        if old and not kind.replaces(old.properties, properties):
            kind.update(self.sallyport, old, properties)
            old.properties = properties
            old.attributes = {**old.attributes, **kind.attributes(self.sallyport, old.attributes)}
            return
        made = Made(kind, properties, {}, resource.get("DeletionPolicy", "Delete").startswith("Retain"))
        made.attributes = kind.create(self.sallyport, properties, f"{self.name}-{name}")
        if old:
            replaced.append(old)
        else:
            new.append(name)
        self.made[name] = made
        kind.complete(self.sallyport, made)
        made.attributes |= kind.attributes(self.sallyport, made.attributes)

    def remove(self, name):
        """Deletes one resource, unless its template says that it stays."""
        made = self.made[name]
        if not made.retained:
            made.kind.delete(self.sallyport, made)
        del self.made[name]

    def delete(self):
        for name in list(reversed(self.made)):
            self.remove(name)

    def shown(self, name):
        """What the service says of a resource, in the words of its template. Without what the service never shows."""
        made = self.made[name]
        return made.kind.shown(self.sallyport, made)
