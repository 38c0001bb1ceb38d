//! HTML as a browser's tree.

use std::{borrow::Cow, cell::RefCell, rc::Rc};

use html5ever::{
    Attribute, ExpandedName, ParseOpts, QualName, expanded_name, local_name, ns, parse_document,
    tendril::{StrTendril, TendrilSink as _},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
};

/// The nodes of a document, by number; the first is the document.
pub(super) struct Dom {
    nodes: Vec<Node>,
}

#[derive(Default)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    parent: Option<usize>,
    pub(super) children: Vec<usize>,
    /// The document in a `<template>`.
    contents: Option<usize>,
}

#[derive(Default, PartialEq, Debug)]
pub(super) enum NodeKind {
    #[default]
    Document,
    Element {
        name: String,
        id: Option<String>,
    },
    Text(String),
    Comment(String),
}

impl Dom {
    pub(super) fn parse(html: &str) -> Self {
        parse_document(Sink::default(), ParseOpts::default()).one(html)
    }

    pub(super) fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn parent(&self, number: usize) -> Option<&Node> {
        self.nodes[number].parent.map(|parent| &self.nodes[parent])
    }

    /// Calls `see` with each node below `number` and its depth, in the order of the text; skips
    /// the nodes, with all below them, for which `skip` says so.
    pub(super) fn walk<'a>(
        &'a self,
        number: usize,
        skip: &impl Fn(usize) -> bool,
        see: &mut impl FnMut(usize, &'a NodeKind),
    ) {
        // A stack of its own: nothing keeps a page from nesting deeply.
        let mut stack = vec![(0, number)];
        while let Some((depth, number)) = stack.pop() {
            let node = &self.nodes[number];
            see(depth, &node.kind);
            let below = node.contents.iter().chain(&node.children).rev();
            stack.extend(below.filter(|below| !skip(**below)).map(|below| (depth + 1, *below)));
        }
    }
}

/// What the parser builds the tree with.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    /// The name of what is no element.
    nameless: Rc<QualName>,
}

/// A node, and its name.
#[derive(Clone)]
struct Handle {
    number: usize,
    name: Rc<QualName>,
}

impl Default for Sink {
    fn default() -> Self {
        let nameless = QualName::new(None, ns!(), local_name!(""));
        Self { nodes: RefCell::new(vec![Node::default()]), nameless: Rc::new(nameless) }
    }
}

impl Sink {
    fn create(&self, kind: NodeKind) -> Handle {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { kind, ..Node::default() });
        self.handle(nodes.len() - 1)
    }

    fn handle(&self, number: usize) -> Handle {
        Handle { number, name: Rc::clone(&self.nameless) }
    }

    /// Puts a child before the one that is at `at`.
    fn insert(&self, parent: usize, at: usize, child: NodeOrText<Handle>) {
        let number = match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node.number);
                node.number
            }
            NodeOrText::AppendText(text) => {
                let mut nodes = self.nodes.borrow_mut();
                let before = at.checked_sub(1).map(|before| nodes[parent].children[before]);
                if let Some(NodeKind::Text(earlier)) = before.map(|before| &mut nodes[before].kind)
                {
                    earlier.push_str(&text);
                    return;
                }
                drop(nodes);
                self.create(NodeKind::Text(text.to_string())).number
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        nodes[number].parent = Some(parent);
        let at = at.min(nodes[parent].children.len());
        nodes[parent].children.insert(at, number);
    }

    fn detach(&self, number: usize) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(parent) = nodes[number].parent.take() {
            nodes[parent].children.retain(|child| *child != number);
        }
    }

    fn parent_of(&self, number: usize) -> Option<usize> {
        self.nodes.borrow()[number].parent
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Dom;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Dom {
        Dom { nodes: self.nodes.into_inner() }
    }

    fn get_document(&self) -> Handle {
        self.handle(0)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Handle {
        let id = attrs.into_iter().find(|attr| attr.name.expanded() == expanded_name!("", "id"));
        let id = id.map(|attr| attr.value.to_string());
        let foreign = if name.ns == ns!(html) { "" } else { "foreign " };
        let kind = NodeKind::Element { name: format!("{foreign}{}", name.local), id };
        let is_template = name.expanded() == expanded_name!(html "template");
        let element = Handle { name: Rc::new(name), ..self.create(kind) };
        if is_template {
            let contents = self.create(NodeKind::Document).number;
            self.nodes.borrow_mut()[element.number].contents = Some(contents);
        }
        element
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.create(NodeKind::Comment(text.to_string()))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.create(NodeKind::Comment(format!("{target} {data}")))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let at = self.nodes.borrow()[parent.number].children.len();
        self.insert(parent.number, at, child);
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let Some(parent) = self.parent_of(sibling.number) else { return };
        let at = {
            let siblings = &self.nodes.borrow()[parent].children;
            siblings.iter().position(|child| *child == sibling.number).unwrap_or(0)
        };
        self.insert(parent, at, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        match self.parent_of(element.number) {
            Some(_) => self.append_before_sibling(element, child),
            None => self.append(previous, child),
        }
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let contents = self.nodes.borrow()[target.number].contents;
        self.handle(contents.unwrap_or(target.number))
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.number == other.number
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.number);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let children = std::mem::take(&mut self.nodes.borrow_mut()[node.number].children);
        for child in children {
            self.nodes.borrow_mut()[child].parent = None;
            self.append(new_parent, NodeOrText::AppendNode(self.handle(child)));
        }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<Attribute>) {}
}
