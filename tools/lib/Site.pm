#
# Site.pm - the sources of the site, which Sphinx builds
#
# docs/index.md, or else README.md, is the front page; docs/guide/NN-name.md and
# docs/ are the chapters, docs/design the decisions, the root's other .md the
# project's own; each public header is a page of the reference, and so is each
# file that a page links to. What a page links to or quotes has to be there:
# that is checked here, without Sphinx.
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
my %shown;   # by path in the tree: a file that has a page, or a picture
my $page;    # the page that is being made

# Path under source/ => text, ...
sub site_sources {
    ($root, @headers) = @_;
    find_pages();
    my %files = map { $page = $_; ("$_->{name}.md" => page_text()) } @pages;
    $files{'reference/index.md'} = reference_index(@headers) if @headers;
    $files{"reference/$_->{word}.md"} = reference_page($_) for @headers;
    $files{"$_.md"} = file_page($_) for grep { !is_picture($_) } keys %shown;
    $files{$_} = text_of($_) for grep { is_picture($_) } keys %shown;
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
    for (chapters()) {
        my ($path, $group) = @$_;
        add_page($path, 'guide/' . plain_name($path), $group);
    }
    add_page($_, 'guide/' . plain_name($_), 'Compared and proved')
        for grep { !/start\.md$|index\.md$/ } names('docs');
    $page_of{$_->{path}} = {source => $_->{path}, name => "reference/$_->{word}",
        header => $_} for @headers;
    add_page($_, plain_name($_), 'Project')
        for grep { $_ ne $front } names('.');
    add_page($_, 'design/' . plain_name($_), 'Design')
        for sort { ($b =~ /README/) <=> ($a =~ /README/) || $a cmp $b }
        names('docs/design');
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
    my $text = rewritten(text_of($page->{source}), {link => \&link_text,
        example => \&example, beside => \&beside, plot => \&plot});
    return $text . contents() if $page->{name} eq 'index';
    return $text;
}

# The list of all pages, which is the menu beside each of them.
sub contents {
    my (@groups, %of);
    for (grep { $_->{group} ne '' } @pages) {
        push @groups, $_->{group} if !$of{$_->{group}};
        push @{$of{$_->{group}}}, $_->{name};
    }
    my $text = '';
    for my $group (@groups) {
        my @names = @{$of{$group}};
        push @names, 'reference/index' if $group eq 'Reference';
        $text .= "\n```{toctree}\n:hidden:\n:caption: $group\n\n"
            . join('', map { "$_\n" } @names) . "```\n";
    }
    return $text;
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
    return "$text(" . to($full) . (is_picture($full) ? ')' : '.md)');
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
    $shown{$path} = 1;
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

# ---- A file that is no page ---------------------------------------------

# Examples are found by a search; the rest would only be in the way.
sub file_page {
    my ($path) = @_;
    my $code = text_of($path);
    return "---\norphan: true\n" . ($path =~ /^examples/ ? ''
        : "nosearch: true\n") . "---\n# " . escaped($path) . "\n\n"
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
