#
# Site.pm - the sources of the site, which Sphinx builds
#
# docs/index.md, or else README.md, is the front page; docs/start.md and
# docs/tutorial are where one begins, docs/guide/NN-name.md and docs/ the
# chapters, docs/design the decisions, the root's other .md the project's own.
# Each public header is a page of the reference, each example a page too; what
# else a page links to is added as it is. What a page links to or quotes has to
# be there: that is checked here, without Sphinx.
#
package Site;

use strict;
use warnings;
use Exporter 'import';
use Headers;
use Markdown;
use Quotes;
use Reference;

our @EXPORT = qw(site_sources);

my ($root, @headers);
my @pages;   # {source name group title}, in order
my %page_of; # by path in the tree: its page
my %shown;   # by path in the tree: a picture or a text that a page links to
my $page;    # the page that is being made

# Path under source/ => text, ...
sub site_sources {
    ($root, @headers) = @_;
    find_pages();
    my %files = map { $page = $_; ("$_->{name}.md" => page_text()) } @pages;
    for (keys %shown) {
        my $name = is_picture($_) ? $_ : "extra/$_.txt";
        $files{$name} = text_of($_);
    }
    $files{'names.json'} = names_json();
    return %files;
}

sub text_of {
    my ($path) = @_;
    open my $in, '<', "$root/$path" or return '';
    local $/;
    return <$in> // '';
}

# ---- What there is ------------------------------------------------------

sub find_pages {
    my $front = -f "$root/docs/index.md" ? 'docs/index.md' : 'README.md';
    add_page($front, 'index', '');
    add_page('docs/start.md', 'start', 'Begin') if -f "$root/docs/start.md";
    add_page($_, 'tutorial/' . plain_name($_), 'Begin')
        for names('docs/tutorial');
    for (chapters()) {
        my ($path, $group) = @$_;
        add_page($path, 'guide/' . plain_name($path), $group);
    }
    add_page($_, 'guide/' . plain_name($_), 'Compared and proved')
        for grep { !/start\.md$|index\.md$/ } names('docs');
    add_made('reference/index', 'Reference') if @headers;
    for (@headers) {
        my $made = add_made("reference/$_->{word}", 'reference/index');
        @$made{qw(source header)} = ($_->{path}, $_);
        $page_of{$_->{path}} = $made;
    }
    my @examples = examples();
    $page_of{examples} = add_made('examples/index', 'Reference') if @examples;
    for (@examples) {
        my $made = add_made($_, 'apart');
        @$made{qw(source is_example)} = ($_, 1);
        $page_of{$_} = $made;
    }
    add_page($_, plain_name($_), 'Project')
        for grep { $_ ne $front } names('.');
    add_page($_, 'design/' . plain_name($_), /README/ ? 'Project' : 'apart')
        for names('docs/design');
}

sub examples {
    return map { s{^\Q$root\E/}{}r }
        sort map { glob "\Q$root\E/examples/$_" } qw(*.[ch] */*.[ch] */*.py);
}

# A page that no file of the tree is the source of.
sub add_made {
    my ($name, $group) = @_;
    push @pages, {source => '', name => $name, group => $group};
    return $pages[-1];
}

# [path, group], ...: in the order, and in the groups, in which the first one
# lists them at its end.
sub chapters {
    my ($first, @rest) = names('docs/guide') or return;
    my ($list) = text_of($first) =~ /^## Read on\n(.*)/ms;
    my @chapters = [$first, 'Guide'];
    my %left = map { $_ => 1 } @rest;
    for my $item (split /^- /m, $list // '') {
        my ($words) = $item =~ /\A([^\[:]+):/;
        my $group = $words ? 'Guide: ' . lcfirst $words =~ tr/\n/ /r : 'Guide';
        push @chapters, map { [$_, $group] } grep { delete $left{$_} }
            map { "docs/guide/$_" } $item =~ /\]\(([^)#\/]+\.md)/g;
    }
    return @chapters, map { [$_, 'Guide'] } sort keys %left;
}

sub names {
    my ($folder) = @_;
    opendir my $dir, "$root/$folder" or return;
    return map { $folder eq '.' ? $_ : "$folder/$_" }
        sort grep { /\.md$/ } readdir $dir;
}

sub plain_name {
    my ($path) = @_;
    my ($name) = $path =~ m{([^/]+)\.md$};
    return lc $name =~ s/^\d+-//r;
}

sub add_page {
    my ($source, $name, $group) = @_;
    my ($title) = text_of($source) =~ /^# +(.*?)\s*$/m;
    problem($source, 1, 'no title: the file has no line "# ..."')
        if !defined $title;
    push @pages, {source => $source, name => $name, group => $group,
        title => ($title // $source) =~ tr/`*//dr};
    return $page_of{$source} = $pages[-1];
}

# ---- A page -------------------------------------------------------------

sub page_text {
    my $header = $page->{header};
    my $text = $header ? reference_page($header)
        : $page->{is_example} ? example_page($page->{source})
        : $page->{name} eq 'reference/index' ? reference_index(@headers)
        : $page->{name} eq 'examples/index' ? examples_index()
        : rewritten(text_of($page->{source}), {link => \&link_text,
            example => \&example, beside => \&beside, plot => \&plot});
    my $apart = $page->{group} eq 'apart' ? "---\norphan: true\n---\n" : '';
    return $apart . $text . menu();
}

# The pages below this one; those below the front page are the menu beside
# every page, in groups. What is apart is in no menu: it would be too long, and
# Sphinx, which makes it for each page anew, would take twice the time.
sub menu {
    my (@groups, %of);
    for (grep { $_->{group} !~ /^(?:apart)?$/ } @pages) {
        push @groups, $_->{group} if !$of{$_->{group}};
        push @{$of{$_->{group}}}, $_->{source} eq 'README.md'
            ? "Readme </$_->{name}>\n" : "/$_->{name}\n";
    }
    my $is_front = $page->{name} eq 'index';
    return join '', map { "\n```{toctree}\n:hidden:\n:titlesonly:\n"
        . ($is_front ? ":caption: $_\n" : '') . "\n" . join('', @{$of{$_}})
        . "```\n" } grep { $is_front ? !m{/} : $_ eq $page->{name} } @groups;
}

sub line_of {
    my ($needle) = @_;
    my $text = text_of($page->{source});
    my $at = index $text, $needle;
    return $at < 0 ? 1 : 1 + (substr($text, 0, $at) =~ tr/\n//);
}

# From the page that is being made to a path in the sources.
sub to {
    my ($path) = @_;
    return '../' x ($page->{name} =~ tr{/}{}) . $path;
}

# A link in the source leads to a page, to a file that becomes one, or
# elsewhere; where it leads nowhere that could be shown, its text stays.
sub link_text {
    my ($text, $href) = @_;
    return "$text($href)" if $href =~ /^[a-z]+:/;
    my ($path, $anchor) = $href =~ /^([^#]*)(?:#(.*))?$/;
    my $full = $path eq '' ? $page->{source} : joined($path);
    my $end = defined $anchor ? "#$anchor" : '';
    if (my $to = $page_of{$full}) {
        check_anchor($to, $href, $anchor) if defined $anchor;
        return "$text(" . ($path eq '' ? '' : to("$to->{name}.md")) . "$end)";
    }
    return $text =~ s/^!?\[|\]$//gr if -d "$root/$full";
    if (!-f "$root/$full") {
        problem($page->{source}, line_of($href), "no such page: $href");
        return $text =~ s/^!?\[|\]$//gr;
    }
    $shown{$full} = 1;
    return "$text(" . to($full) . ')' if is_picture($full);
    my $words = $text =~ s/^\[|\]$//gr;
    return '<a href="' . to("$full.txt") . "\">$words</a>";
}

sub is_picture {
    my ($path) = @_;
    return $path =~ /\.(?:svg|png)$/;
}

sub joined {
    my ($path) = @_;
    my $full = $page->{source} =~ m{^(.*/)} ? "$1$path" : $path;
    1 while $full =~ s{(?:^|/)\K(?:\./|(?!\.\./)[^/]+/\.\./)}{};
    return $full =~ s{/$}{}r;
}

sub check_anchor {
    my ($to, $href, $anchor) = @_;
    my @there = $to->{header} ? map { $_->{name} } @{$to->{header}{items}}
        : anchors(text_of($to->{source}));
    problem($page->{source}, line_of($href), "no such place: $href")
        if !grep { $_ eq $anchor } @there;
}

# ---- What comments ask for ----------------------------------------------

sub example {
    my ($quote) = @_;
    my ($path, $region) = split /#/, $quote, 2;
    my $code = text_of($path);
    if ($code eq '') {
        problem($page->{source}, line_of($quote), "no example $path");
        return '';
    }
    $code = quoted($code, $region);
    if (!defined $code) {
        problem($page->{source}, line_of($quote), "no [$region] in $path");
        return '';
    }
    return fenced($code, language_of($path), "[$path](" . to("$path.md") . ')');
}

# Two quotes, side by side where there is room for it.
sub beside {
    my ($quotes) = @_;
    my @quotes = split ' ', $quotes;
    problem($page->{source}, line_of($quotes), 'beside takes two quotes')
        if @quotes != 2;
    return "``````{container} beside\n\n" . join("\n", map { example($_) }
        @quotes) . "``````";
}

sub plot {
    my ($name) = @_;
    return "```{plot} $name\n```";
}

sub examples_index {
    my $list = '';
    for (examples()) {
        my ($name) = m{([^/]+)$};
        my ($story) = text_of($_) =~ /\b\Q$name\E - (\S.*?)(?:""")?$/m;
        $list .= "| [$_](/$_.md) | " . escaped($story // '') . " |\n";
    }
    return "# Examples\n\nOne idea each, run and checked by the tests; the "
        . "guide quotes them.\n\n| | |\n|---|---|\n$list";
}

sub example_page {
    my ($path) = @_;
    my $code = text_of($path);
    return '# ' . escaped($path) . "\n\n"
        . fenced(without_marks($code), language_of($path, $code));
}

# Where each public name is told about, for tools/docs/names.py.
sub names_json {
    my %home;
    for my $header (@headers) {
        for my $item (@{$header->{items}}) {
            $home{$_} //= "reference/$header->{word}.html#$item->{name}"
                for $item->{name}, @{$item->{names} // []};
        }
    }
    return "{\n" . join(",\n", map { "  \"$_\": \"$home{$_}\"" }
        sort keys %home) . "\n}\n";
}

1;
